"""A Python that has read PyTorch, which takes longer than most of what tests ask of it: each run is a fork of it.

A line of standard input is one run, as JSON: `argv`, whose first is a script or '-c', `code` for '-c', and `input`.
Its answer is a line as well: `status`, `stdout`, `stderr`. The process ends with its input.
"""

import json
import os
import runpy
import sys
import tempfile
import traceback

import numpy  # noqa: F401
import torch  # noqa: F401

while line := sys.stdin.readline():
    asked = json.loads(line)
    files = [tempfile.TemporaryFile() for _ in range(3)]
    files[0].write(asked['input'].encode())
    child = os.fork()
    if child == 0:
        break
    _, status = os.waitpid(child, 0)
    for file in files:
        file.seek(0)
    _, stdout, stderr = (file.read().decode() for file in files)
    for file in files:
        file.close()
    answer = {'status': os.waitstatus_to_exitcode(status), 'stdout': stdout, 'stderr': stderr}
    print(json.dumps(answer), flush=True)
else:
    sys.exit()

# In the fork.
files[0].seek(0)
for at, file in enumerate(files):
    os.dup2(file.fileno(), at)
sys.argv = asked['argv']
status = None
try:
    if sys.argv[0] == '-c':
        sys.path[0] = ''
        exec(compile(asked['code'], '<code>', 'exec'), {'__name__': '__main__'})
    else:
        sys.path[0] = os.path.dirname(sys.argv[0])
        runpy.run_path(sys.argv[0], run_name='__main__')
except SystemExit as end:
    status = end.code
except BaseException:
    traceback.print_exc()
    status = 1
if isinstance(status, str):
    print(status, file=sys.stderr)
sys.stdout.flush()
sys.stderr.flush()
# At once: to take PyTorch down again is most of what a run costs.
os._exit(status if isinstance(status, int) else bool(status))
