# SPDX-License-Identifier: Apache-2.0
"""lost.py AXGEN CONFIG FOLDER WHOLE: three ranks explore into FOLDER, of which one is killed once something was
evaluated; the same into WHOLE without mpirun. Exit status 0: it came to its end. (It tells of the loss only where
that was noticed before.)"""
import os
import signal
import subprocess
import sys
import time

axgen, config, folder, whole = sys.argv[1:]
search = [axgen, "explore", config, "--level", "layer", "--method", "random", "--max-evaluations", "130", "-q", "-o"]


def rank(number):
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if (folder.encode() in open(f"/proc/{pid}/cmdline", "rb").read().split(b"\0") and
                    f"OMPI_COMM_WORLD_RANK={number}".encode() in open(f"/proc/{pid}/environ", "rb").read().split(b"\0")):
                return int(pid)
        except OSError:
            pass
    return None


def ended(pid):
    try:
        return open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def ends(pid, seconds):
    deadline = time.time() + seconds
    while not ended(pid) and time.time() < deadline:
        time.sleep(0.05)
    return ended(pid)


run = subprocess.Popen(["mpirun", "--oversubscribe", "--enable-recovery", "-n", "3", *search, folder],
                       stderr=subprocess.PIPE, text=True)
try:
    database = folder + "/explore.db"
    deadline = time.time() + 60
    while time.time() < deadline and not (os.path.exists(database) and os.path.getsize(database) > 20000):
        time.sleep(0.01)
    leader, other, lost = rank(0), rank(2), rank(1)
    os.kill(lost, signal.SIGKILL)
    assert ends(leader, 60) and ends(other, 30), "a rank that was left does not end"
    try:
        _, err = run.communicate(timeout=30)
        sys.stderr.write(err)
        assert run.returncode == 0, run.returncode
    except subprocess.TimeoutExpired:  # Open MPI's affair: all its processes have ended
        print("mpirun itself does not end")
finally:
    run.kill()
subprocess.run([*search, whole], check=True)
