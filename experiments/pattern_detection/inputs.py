"""Spike trains of the inputs: Poisson trains of varying rates with an embedded pattern.

After Masquelier, Guyonneau and Thorpe (2008, PLoS ONE 3:e1377, Methods). Time is divided into
windows of the length of the pattern. Parameters and seed determine all trains.
"""

import numpy as np

# Rates change once per bin of 1 ms. The steepest slope takes a rate from one bound to the other
# within the length of the pattern; the slope changes per bin by up to this share of it.
CHANGE_SHARE = 0.2
_BLOCK = 500  # number of bins drawn at a time

# Independent streams of random numbers.
_PRESENTATIONS, _TRAINS, _NOISE, _COPIES = range(4)


def pattern_windows(parameters, seed):
    """Indices of the windows of one input period in which the pattern is shown.

    Returns
    -------
    ndarray of int, shape (n_presentations,)
        Ascending indices, never of neighbouring windows (the last and the first are neighbours).
    """
    n_windows = round(parameters.repeated / parameters.pattern_length)
    n_shown = int(n_windows * parameters.pattern_frequency)
    rng = np.random.default_rng([seed, _PRESENTATIONS])
    # Each presentation is followed by a window without one, which reduces the free positions.
    chosen = rng.choice(n_windows - n_shown, n_shown, replace=False, shuffle=False)
    return np.sort(chosen) + np.arange(n_shown)


def presentation_times(parameters, seed):
    """Onset times (ms) of all presentations of the pattern in a run."""
    windows = pattern_windows(parameters, seed)
    n_periods = int(np.ceil(parameters.duration / parameters.repeated))
    start = np.arange(n_periods)[:, np.newaxis] * parameters.repeated
    times = (start + windows * parameters.pattern_length).ravel()
    return times[times + parameters.pattern_length <= parameters.duration]


def input_trains(parameters, seed):
    """Spikes of all inputs in one period of the input.

    Returns
    -------
    list of ndarray of float, length n_inputs
        Ascending spike times (ms) of each input, on the time grid, above 0 and up to `period`,
        at most one per time step. The first `n_pattern` inputs take part in the pattern.
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
    """Spikes of the pattern, from the first window in which it is shown.

    Returns
    -------
    time : ndarray of float, shape (n_spikes,)
        Times in ms from the onset of the pattern, without jitter.
    source : ndarray of int, shape (n_spikes,)
        Indices of the inputs, below `n_pattern`.
    """
    windows = pattern_windows(parameters, seed)
    end = (windows[0] + 1) * parameters.pattern_length
    # Whole blocks, which give the same spikes as the trains of the whole period.
    n_bins = min(-(-round(end) // _BLOCK) * _BLOCK, round(parameters.repeated))
    return _pattern_in(*_varying_trains(parameters, seed, n_bins), windows[0], parameters)


def _pattern_in(time, source, window, parameters):
    begin = window * parameters.pattern_length
    within = (time >= begin) & (time < begin + parameters.pattern_length)
    chosen = within & (source < parameters.n_pattern)
    return time[chosen] - begin, source[chosen]


def _varying_trains(parameters, seed, n_bins):
    """Times (ms) and sources of Poisson spikes whose rates vary between 0 and `max_rate`.

    The slope of each rate is bounded and changes at random in each bin. An input that has been
    silent for `pattern_length` is made to fire.
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
    """Yield blocks of bins: index of the first bin, and spike mask of shape (bins, n)."""
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
    """Additional spikes of inputs whose silence exceeds the longest one allowed.

    Parameters
    ----------
    source, since, until : ndarray, shape (n,)
        Input, time (ms) of its last spike, and bin of its next spike, for each silence.
    longest
        Longest silence in ms.

    Returns
    -------
    list of (source, time)
        Arrays of the first additional spike of each silence, of the second, and so on.
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
    """Replace the spikes of the pattern's inputs by a copy of the pattern in its windows."""
    windows = pattern_windows(parameters, seed)
    if not len(windows):
        return time, source
    length = parameters.pattern_length
    of_pattern, of_source = _pattern_in(time, source, windows[0], parameters)
    copies = np.broadcast_to(of_pattern, (len(windows), len(of_pattern))).copy()
    rng = np.random.default_rng([seed, _COPIES])
    if parameters.deletion:
        # A deleted spike is moved to a random time, which preserves the rate.
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
    """Spike trains of each source on the time grid, with at most one spike per step."""
    n_steps = round(parameters.repeated / parameters.timestep)
    step = np.clip(np.ceil(time / parameters.timestep).astype(np.int64), 1, n_steps)
    key = np.unique(source * (n_steps + 1) + step)
    source, step = np.divmod(key, n_steps + 1)
    bounds = np.searchsorted(source, np.arange(1, parameters.n_inputs))
    return np.split(step * parameters.timestep, bounds)


def spikes_between(trains, begin, end, parameters):
    """Spike times (ms) of each input in (`begin`, `end`], with the input period repeated."""
    length = parameters.repeated
    starts = length * np.arange(np.floor(begin / length), np.ceil(end / length))
    return [
        np.concatenate(
            [start + times[slice(*np.searchsorted(times, [begin - start, end - start], "right"))]
             for start in starts]
        )
        for times in trains
    ]  # fmt: skip
