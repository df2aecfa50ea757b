"""Spike trains of the inputs: Poisson trains of varying rates with a pattern hidden in them.

After Masquelier, Guyonneau and Thorpe (2008, PLoS ONE 3:e1377, Methods). Time is cut into windows
of the pattern's length. Everything follows from the parameters and the seed alone.
"""

import numpy as np

# Rates change once a millisecond: a bin. A rate can go from one bound to the other within the
# length of the pattern; in a bin its slope changes by up to this share of the steepest one.
CHANGE_SHARE = 0.2
_BLOCK = 500  # bins that are drawn at once

# Independent streams of random numbers.
_PRESENTATIONS, _TRAINS, _NOISE, _COPIES = range(4)


def pattern_windows(parameters, seed):
    """Windows of the repeated part of the input in which the pattern is shown.

    Returns
    -------
    ndarray of int, shape (n_presentations,)
        Ascending; no two of them are neighbours, the last and the first neither.
    """
    n_windows = round(parameters.repeated / parameters.pattern_length)
    n_shown = int(n_windows * parameters.pattern_frequency)
    rng = np.random.default_rng([seed, _PRESENTATIONS])
    # Each presentation is followed by a window without: so many places are left to choose from.
    chosen = rng.choice(n_windows - n_shown, n_shown, replace=False, shuffle=False)
    return np.sort(chosen) + np.arange(n_shown)


def presentation_times(parameters, seed):
    """Times (ms) at which the pattern begins, from the start of the run to its end."""
    windows = pattern_windows(parameters, seed)
    n_periods = int(np.ceil(parameters.duration / parameters.repeated))
    start = np.arange(n_periods)[:, np.newaxis] * parameters.repeated
    times = (start + windows * parameters.pattern_length).ravel()
    return times[times + parameters.pattern_length <= parameters.duration]


def input_trains(parameters, seed):
    """Spikes of all inputs in the part of the input that is repeated.

    Returns
    -------
    list of ndarray of float, length n_inputs
        Times (ms) of each input's spikes, ascending, on the time steps, above 0 and up to `period`;
        one a step at most. The first `n_pattern` inputs take part in the pattern.
    """
    time, source = _varying_trains(parameters, seed, round(parameters.repeated))
    time, source = _with_pattern(time, source, parameters, seed)
    noise = np.random.default_rng([seed, _NOISE])
    n_noise = noise.poisson(
        parameters.noise_rate * 1e-3 * parameters.repeated * parameters.n_inputs
    )
    time = np.concatenate([time, noise.uniform(0, parameters.repeated, n_noise)])
    source = np.concatenate([source, noise.integers(0, parameters.n_inputs, n_noise)])
    return _on_grid(time, source, parameters)


def pattern_spikes(parameters, seed):
    """The pattern: what its inputs do in the first window in which it is shown.

    Returns
    -------
    time : ndarray of float, shape (n_spikes,)
        From the beginning of the pattern, in ms, before any jitter.
    source : ndarray of int, shape (n_spikes,)
        The input, below `n_pattern`.
    """
    windows = pattern_windows(parameters, seed)
    end = (windows[0] + 1) * parameters.pattern_length
    # Trains are drawn in whole blocks, from the first on.
    n_bins = min(-(-round(end) // _BLOCK) * _BLOCK, round(parameters.repeated))
    return _pattern_in(*_varying_trains(parameters, seed, n_bins), windows[0], parameters)


def _pattern_in(time, source, window, parameters):
    begin = window * parameters.pattern_length
    within = (time >= begin) & (time < begin + parameters.pattern_length)
    chosen = within & (source < parameters.n_pattern)
    return time[chosen] - begin, source[chosen]


def _varying_trains(parameters, seed, n_bins):
    """Poisson trains whose rates wander between 0 and `max_rate`; times (ms) and sources.

    The slope of a rate is bounded too, and changes at random in each bin. An input that has been
    silent for `pattern_length` fires.
    """
    rng = np.random.default_rng([seed, _TRAINS])
    n, longest = parameters.n_inputs, parameters.pattern_length
    last = -longest * rng.random(n)
    times, sources = [], []
    for first, fires in _poisson_blocks(n, n_bins, parameters.max_rate, longest, rng):
        source, within = np.nonzero(fires.T)  # in order of sources, then of time
        end = first + len(fires)
        time = first + within + 1 - rng.random(len(source))
        begins = np.flatnonzero(np.diff(source, prepend=-1))
        before = np.roll(time, 1)
        before[begins] = last[source[begins]]
        inner = _overdue(source, before, first + within, longest, rng)
        last[source] = time
        after = _overdue(np.arange(n), last, np.full(n, end), longest, rng)
        for late, at in after:
            last[late] = at
        times += [time, *(at for _, at in inner + after)]
        sources += [source, *(late for late, _ in inner + after)]
    return np.concatenate(times), np.concatenate(sources)


def _poisson_blocks(n, n_bins, max_rate, longest, rng):
    """Which inputs fire in which bin, in blocks: the first bin, and bools of shape (bins, n)."""
    highest, steepest = np.float32(max_rate), np.float32(max_rate / longest)  # Hz, Hz/ms
    rate = rng.random(n, dtype=np.float32) * highest
    slope = (2 * rng.random(n, dtype=np.float32) - 1) * steepest
    for first in range(0, n_bins, _BLOCK):
        rates = np.empty((min(_BLOCK, n_bins - first), n), dtype=np.float32)
        change = (2 * rng.random(rates.shape, dtype=np.float32) - 1) * (CHANGE_SHARE * steepest)
        for now, step in zip(rates, change, strict=True):
            now[:] = rate
            rate += slope
            rate.clip(0, highest, out=rate)
            slope += step
            slope.clip(-steepest, steepest, out=slope)
        yield first, rng.random(rates.shape, dtype=np.float32) < rates * np.float32(1e-3)


def _overdue(source, since, until, longest, rng):
    """Spikes of inputs that have been silent for too long.

    Parameters
    ----------
    source, since, until : ndarray, shape (n,)
        Inputs; the time (ms) of the last spike of each; and the bin in which it fires by itself.
    longest
        The longest silence, in ms.

    Returns
    -------
    list of (source, time)
        The first spike of each that needs one, then the second, and so on.
    """
    found = []
    while len(source):
        due = np.floor(since + longest)
        late = due < until
        source, until = source[late], until[late]
        since = due[late] + 1 - rng.random(len(source))
        found.append((source, since))
    return found


def _with_pattern(time, source, parameters, seed):
    """Put a copy of the pattern into each of its windows, in place of what its inputs did there."""
    windows = pattern_windows(parameters, seed)
    if not len(windows):
        return time, source
    length = parameters.pattern_length
    of_pattern, of_source = _pattern_in(time, source, windows[0], parameters)
    copies = np.broadcast_to(of_pattern, (len(windows), len(of_pattern))).copy()
    rng = np.random.default_rng([seed, _COPIES])
    if parameters.deletion:
        # A deleted spike comes at a random time instead, so that the rate stays the same.
        deleted = rng.random(copies.shape) < parameters.deletion
        copies[deleted] = rng.uniform(0, length, np.count_nonzero(deleted))
    if parameters.jitter:
        copies += rng.normal(0, parameters.jitter, copies.shape)
    copies = (copies + windows[:, np.newaxis] * length).ravel()
    shown = np.zeros(round(parameters.repeated / length) + 1, dtype=bool)
    shown[windows] = True
    kept = (source >= parameters.n_pattern) | ~shown[(time // length).astype(np.int64)]
    time = np.concatenate([time[kept], np.clip(copies, 0, parameters.repeated)])
    return time, np.concatenate([source[kept], np.tile(of_source, len(windows))])


def _on_grid(time, source, parameters):
    """Trains of each source on the time steps, one spike a step at most."""
    n_steps = round(parameters.repeated / parameters.timestep)
    step = np.clip(np.ceil(time / parameters.timestep).astype(np.int64), 1, n_steps)
    key = np.unique(source * (n_steps + 1) + step)
    source, step = np.divmod(key, n_steps + 1)
    bounds = np.searchsorted(source, np.arange(1, parameters.n_inputs))
    return np.split(step * parameters.timestep, bounds)


def spikes_between(trains, begin, end, parameters):
    """Times (ms) of each input's spikes after `begin`, up to `end`; the input is repeated."""
    length = parameters.repeated
    starts = length * np.arange(np.floor(begin / length), np.ceil(end / length))
    return [
        np.concatenate(
            [start + times[slice(*np.searchsorted(times, [begin - start, end - start], "right"))]
             for start in starts]
        )
        for times in trains
    ]  # fmt: skip
