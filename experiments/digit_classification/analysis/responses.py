"""From spikes to classes: labels from the training digits, and the accuracy on held-out ones."""

from dataclasses import dataclass, fields

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.neighbors import KNeighborsClassifier

from pipelines.metrics.selection import ByRun, finished

from .. import digits
from ..experiment import Parameters


@dataclass(frozen=True)
class Reading:
    """What the spikes say of the held-out digits after one pass.

    Attributes
    ----------
    label : ndarray of int, shape (n_neurons,)
        The class of training digits to which each neuron responds most; -1 without a response.
    true : ndarray of int, shape (n_test,)
        Classes of the held-out digits.
    read : ndarray of int, shape (n_test,)
        Read from the responses of all neurons, each of which speaks for every class as often as
        it responded to training digits of it; -1 for a digit to which no neuron responds.
    read_by_label : ndarray of int, shape (n_test,)
        The class whose neurons have the most spikes; -1 as above.
    """

    label: np.ndarray
    true: np.ndarray
    read: np.ndarray
    read_by_label: np.ndarray

    @property
    def accuracy(self):
        """Share of the held-out digits that are read as what they are."""
        return float(np.mean(self.true == self.read))

    @property
    def accuracy_by_label(self):
        """The same where each neuron speaks for one class."""
        return float(np.mean(self.true == self.read_by_label))


def parameters_of(run):
    """Parameters of a row of the table of runs."""
    named = {field.name: run[field.name] for field in fields(Parameters)}
    whole = {field.name for field in fields(Parameters) if field.type is int}
    return Parameters(**{k: int(v) if k in whole else float(v) for k, v in named.items()})


def counts(spikes, parameters, n_stimuli):
    """Spikes of each neuron in each stimulus, shape (n_stimuli, n_neurons).

    A spike at the very end of a stimulus belongs to it.
    """
    steps = np.rint(spikes["time_ms"].to_numpy(float) / parameters.timestep).astype(int)
    stimulus = (steps - 1) // round(parameters.stimulus / parameters.timestep)
    found = np.zeros((n_stimuli, parameters.n_neurons), dtype=int)
    np.add.at(found, (stimulus, spikes["neuron"].to_numpy(int)), 1)
    return found


def readings(spikes, parameters):
    """What is read from the spikes of the excitatory neurons of one run, a `Reading` a pass.

    Classes of training digits are used here, and nowhere before: with the responses to them in
    the same pass.
    """
    shown = digits.schedule(parameters)
    responses = counts(spikes, parameters, len(shown))
    classes = digits.images()[1][shown["digit"]]
    found = []
    for number in range(1, parameters.n_passes + 1):
        of_pass = shown["number_of_pass"] == number
        training = (of_pass & (shown["phase"] == digits.TRAINING)).to_numpy()
        testing = (of_pass & (shown["phase"] == digits.TESTING)).to_numpy()
        known = responses[training], classes[training]
        found.append(read(*known, responses[testing], classes[testing]))
    return found


def read(known_responses, known_classes, responses, true):
    """A `Reading` of responses, given those to digits whose classes are known.

    Responses are numbers of spikes, of shape (n_digits, n_neurons). The naive Bayes classifier of
    numbers of events (McCallum and Nigam 1998) takes a spike of a neuron for as likely in a class
    as it was in the digits that are known to belong to it.
    """
    member = np.eye(digits.CLASSES)[known_classes]
    per_digit = known_responses.T @ (member / np.maximum(member.sum(axis=0), 1))
    label = np.where(per_digit.any(axis=1), per_digit.argmax(axis=1), -1)
    votes = responses @ np.eye(digits.CLASSES + 1)[label][:, :-1]
    by_label = np.where(votes.any(axis=1), votes.argmax(axis=1), -1)
    bayes = MultinomialNB().fit(known_responses, known_classes).predict(responses)
    return Reading(label, true, np.where(responses.any(axis=1), bayes, -1), by_label)


def baselines(parameters):
    """Accuracy of other classifiers on the same held-out digits, by their names.

    k-means has as many clusters as the network has neurons, and the majority of the training
    digits in a cluster is its label: no teacher either, until then.
    """
    pixels, classes = digits.images()
    training, held_out = digits.split(parameters)
    seen, true = classes[training], classes[held_out]

    n_clusters = min(parameters.n_neurons, len(training))
    means = KMeans(n_clusters, n_init=4, random_state=parameters.split).fit(pixels[training])
    label = np.array([np.bincount(seen[means.labels_ == k]).argmax() for k in range(n_clusters)])
    read = {f"k-means, {n_clusters} clusters": label[means.predict(pixels[held_out])]}
    taught = {
        "logistic regression": LogisticRegression(max_iter=1000),
        "nearest neighbour": KNeighborsClassifier(1),
    }
    for name, classifier in taught.items():
        read[name] = classifier.fit(pixels[training], seen).predict(pixels[held_out])
    return {name: float(np.mean(found == true)) for name, found in read.items()}


def readings_table(tables):
    """Readings of every finished run.

    Returns
    -------
    pandas.DataFrame
        Rows of the finished runs, each with a column `readings`, a list of `Reading`, one a pass.
    """
    runs = finished(tables.runs)
    excitatory = tables.spikes[tables.spikes["population"] == "excitatory"]
    spikes = ByRun(runs, excitatory)
    found = [readings(spikes[run["run_id"]], parameters_of(run)) for _, run in runs.iterrows()]
    return runs.assign(readings=pd.Series(found, index=runs.index, dtype=object))
