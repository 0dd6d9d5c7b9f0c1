"""Faults in system calls, put into a running process from outside by strace."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def injected(processes: list[int], call: str, fault: str) -> Iterator[None]:
    """Let a system call of running processes fail: `signal=KILL:when=2`, `error=EIO`.

    Calls are counted per thread, from now on. The fault ends with the block.
    """
    command = ["strace", "-f", "-o", "/dev/null", "-e", f"trace={call}"]
    command += ["-e", f"inject={call}:{fault}"]
    command += [option for process in processes for option in ("-p", str(process))]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as tracer:
        try:
            for process in processes:
                line = tracer.stderr.readline().decode()
                assert f"Process {process} attached" in line, line
            yield
        finally:
            # Told to end, it lets the traced go on; when they are dead it may wait for ever.
            tracer.kill() if "signal=KILL" in fault else tracer.terminate()
