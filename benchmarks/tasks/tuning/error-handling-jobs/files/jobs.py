"""Run jobs one after the other."""


class JobsFailed(Exception):
    """Some of the jobs did not work."""


def run_all(jobs):
    """Run functions that are given by name, and give their results by name."""
    results = {}
    for name, function in jobs.items():
        results[name] = function()
    return results


def select(jobs, names):
    """Give only some of the jobs, all of them if no names are given."""
    if not names:
        return dict(jobs)
    return {name: function for name, function in jobs.items() if name in names}
