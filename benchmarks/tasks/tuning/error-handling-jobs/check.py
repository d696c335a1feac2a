from checking import expect_error, keep_definitions, keep_unchanged, run_python

from jobs import JobsFailed, run_all, select

ran = []


def works(name):
    def job():
        ran.append(name)
        return name.upper()

    return job


def fails(error):
    def job():
        ran.append("failed")
        raise error

    return job


assert run_all({"wash": works("wash"), "dry": works("dry")}) == {"wash": "WASH", "dry": "DRY"}
assert ran == ["wash", "dry"]
assert run_all({}) == {}
ran.clear()
some = {"wash": works("wash"), "cook": fails(OSError("x")), "dry": works("dry"), "sweep": fails(KeyError("y")), "iron": works("iron")}
message = str(expect_error(JobsFailed, run_all, some))
assert "cook" in message and "sweep" in message, message
assert "wash" not in message and "dry" not in message, message
assert ran == ["wash", "failed", "dry", "failed", "iron"]
ran.clear()
message = str(expect_error(JobsFailed, run_all, {"cook": fails(ValueError("z")), "iron": works("iron")}))
assert "cook" in message, message
assert ran == ["failed", "iron"]
ran.clear()
assert "nap" in str(expect_error(JobsFailed, run_all, {"nap": fails(ZeroDivisionError())}))
assert list(select(some, ["dry"])) == ["dry"]
assert list(select(some, [])) == list(some)
assert run_python("nightly.py") == "lines: 2\nlongest: 13\n"
assert run_python("nightly.py", "lines") == "lines: 2\n"
keep_definitions("jobs.py")
keep_definitions("nightly.py")
keep_unchanged("log.txt")
