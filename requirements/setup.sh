#!/bin/sh
# Makes the virtual environment: sh requirements/setup.sh .venv run|dev
# `run` holds what the portal needs, `dev` that and what tests and checks need, in the same versions.
set -eu
venv=$1 lock=$2

fits() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; }

if ! [ -x "$venv/bin/python" ] || ! fits "$venv/bin/python" || ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    python=
    for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11; do
        if fits "$candidate"; then
            python=$candidate
            break
        fi
    done
    if [ -z "$python" ]; then
        echo "IMS needs Python 3.11, 3.12 or 3.13, and python3 is $(python3 --version 2>&1 || true): install one of them," \
            "or name it: make PYTHON=/path/to/python3.11 …" >&2
        exit 1
    fi
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        echo "$("$python" --version) here comes without venv: install it (Debian, Ubuntu: apt-get install python3-venv)" \
            "and run make again." >&2
        exit 1
    fi
    rm -rf "$venv"
    "$python" -m venv "$venv"
fi

# ``make run`` after ``make test``: the larger set is there, is of these locks, and holds the smaller one.
if [ "$lock" = run ] && [ -e "$venv/dev.stamp" ] &&
    ! [ -n "$(find requirements/dev.lock requirements/run.lock requirements/setup.sh pyproject.toml -newer "$venv/dev.stamp")" ]; then
    touch "$venv/run.stamp"
    exit 0
fi

echo "Installing what IMS needs to $lock into $venv; this takes a minute the first time."
export PIP_DISABLE_PIP_VERSION_CHECK=1
# Each lock is complete, so pip need not look for what is missing; ``pip check`` below says if that were not so.
# Compiling everything takes as long as installing it, and the portal imports a small part: Python compiles that itself.
"$venv/bin/python" -m pip install --quiet --no-compile --no-deps --require-hashes --requirement "requirements/$lock.lock"
"$venv/bin/python" -m pip install --quiet --no-compile --no-deps --no-build-isolation --editable .
"$venv/bin/python" -m pip check --quiet
touch "$venv/run.stamp"
if [ "$lock" = dev ]; then
    # Tests take warnings for errors; those of compiling other people's modules must not be among them.
    "$venv/bin/python" -W ignore -m compileall -q -j 0 "$venv/lib" >/dev/null || true
    touch "$venv/dev.stamp"
fi
