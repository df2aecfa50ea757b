"""Decoding of digit classes from spikes, and the accuracy on held-out digits."""

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
class DecodedDigits:
    """Classes of the held-out digits decoded from the spikes of one pass.

    Attributes
    ----------
    label : ndarray of int, shape (n_neurons,)
        Class of training digits to which each neuron responds most; -1 without a response.
    true : ndarray of int, shape (n_test,)
        True classes of the held-out digits.
    decoded : ndarray of int, shape (n_test,)
        Classes decoded from all neurons by naive Bayes, which weights each neuron by its
        responses to the training digits of every class; -1 for a digit without responses.
    decoded_by_label : ndarray of int, shape (n_test,)
        Classes whose labelled neurons have the most spikes; -1 for a digit without such spikes.
    """

    label: np.ndarray
    true: np.ndarray
    decoded: np.ndarray
    decoded_by_label: np.ndarray

    @property
    def accuracy(self):
        """Share of the held-out digits whose class is decoded correctly by naive Bayes."""
        return float(np.mean(self.true == self.decoded))

    @property
    def accuracy_by_label(self):
        """Share of the held-out digits whose class is decoded correctly by neuron labels."""
        return float(np.mean(self.true == self.decoded_by_label))


def parameters_of(run):
    """Parameters of a run, from its row of the table `runs`."""
    named = {field.name: run[field.name] for field in fields(Parameters)}
    whole = {field.name for field in fields(Parameters) if field.type is int}
    return Parameters(**{k: int(v) if k in whole else float(v) for k, v in named.items()})


def spike_counts(spikes, parameters, n_stimuli):
    """Spike counts of each neuron during each stimulus, shape (n_stimuli, n_neurons).

    A spike at the end time of a stimulus belongs to that stimulus.
    """
    steps = np.rint(spikes["time_ms"].to_numpy(float) / parameters.timestep).astype(int)
    stimulus = (steps - 1) // round(parameters.stimulus / parameters.timestep)
    found = np.zeros((n_stimuli, parameters.n_neurons), dtype=int)
    np.add.at(found, (stimulus, spikes["neuron"].to_numpy(int)), 1)
    return found


def decode_passes(spikes, parameters):
    """Decode the held-out digits of every pass from the excitatory spikes of one run.

    The decoder of a pass is trained on the responses to the training digits of the same pass;
    their classes are used nowhere else.

    Parameters
    ----------
    spikes
        Spikes of the excitatory neurons, with the columns time_ms and neuron.
    parameters
        Parameters of the run.

    Returns
    -------
    list of DecodedDigits
        One entry per pass.
    """
    shown = digits.schedule(parameters)
    responses = spike_counts(spikes, parameters, len(shown))
    classes = digits.images()[1][shown["digit"]]
    found = []
    for number in range(1, parameters.n_passes + 1):
        of_pass = shown["number_of_pass"] == number
        training = (of_pass & (shown["phase"] == digits.TRAINING)).to_numpy()
        testing = (of_pass & (shown["phase"] == digits.TESTING)).to_numpy()
        known = responses[training], classes[training]
        found.append(decode(*known, responses[testing], classes[testing]))
    return found


def decode(known_responses, known_classes, responses, true):
    """Decode classes from responses, given responses to digits of known classes.

    The multinomial naive Bayes classifier (McCallum and Nigam 1998) estimates the probability of
    a spike of each neuron in each class from the digits of known class.

    Parameters
    ----------
    known_responses, responses : ndarray of int, shapes (n_training, n_neurons), (n_test, n_neurons)
        Spike counts.
    known_classes, true : ndarray of int, shapes (n_training,), (n_test,)
        Classes of the digits.

    Returns
    -------
    DecodedDigits
        Decoded classes of the digits behind `responses`.
    """
    member = np.eye(digits.CLASSES)[known_classes]
    per_digit = known_responses.T @ (member / np.maximum(member.sum(axis=0), 1))
    label = np.where(per_digit.any(axis=1), per_digit.argmax(axis=1), -1)
    votes = responses @ np.eye(digits.CLASSES + 1)[label][:, :-1]
    by_label = np.where(votes.any(axis=1), votes.argmax(axis=1), -1)
    bayes = MultinomialNB().fit(known_responses, known_classes).predict(responses)
    return DecodedDigits(label, true, np.where(responses.any(axis=1), bayes, -1), by_label)


def baselines(parameters):
    """Accuracy of other classifiers on the same held-out digits, by name.

    k-means has as many clusters as the network has neurons; the majority class of the training
    digits in a cluster is its label, so that, as in the network, learning is unsupervised.
    """
    pixels, classes = digits.images()
    training, held_out = digits.split(parameters)
    seen, true = classes[training], classes[held_out]

    n_clusters = min(parameters.n_neurons, len(training))
    means = KMeans(n_clusters, n_init=4, random_state=parameters.split).fit(pixels[training])
    label = np.array([np.bincount(seen[means.labels_ == k]).argmax() for k in range(n_clusters)])
    predicted = {f"k-means, {n_clusters} clusters": label[means.predict(pixels[held_out])]}
    supervised = {
        "logistic regression": LogisticRegression(max_iter=1000),
        "nearest neighbour": KNeighborsClassifier(1),
    }
    for name, classifier in supervised.items():
        predicted[name] = classifier.fit(pixels[training], seen).predict(pixels[held_out])
    return {name: float(np.mean(found == true)) for name, found in predicted.items()}


def decoding_table(tables):
    """Decoded digits of every finished run.

    Returns
    -------
    pandas.DataFrame
        Rows of the finished runs with the additional column `decoded`: a list of
        `DecodedDigits`, one per pass.
    """
    runs = finished(tables.runs)
    excitatory = tables.spikes[tables.spikes["population"] == "excitatory"]
    spikes = ByRun(runs, excitatory)
    found = [decode_passes(spikes[run["run_id"]], parameters_of(run)) for _, run in runs.iterrows()]
    return runs.assign(decoded=pd.Series(found, index=runs.index, dtype=object))
