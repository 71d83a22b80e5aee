#!/bin/sh
# Builds the plug-in's core without Unreal and tests it: released, under sanitizers, and with a fuzzer for a while.
#
#   unreal_plugin/test.sh [BUILD_FOLDER]        FUZZ_SECONDS=60 in total, 0 for no fuzzing (then clang is not needed)
#
# Needs cmake, a C++17 compiler, doctest (doctest-dev) and for fuzzing clang with its runtime (libclang-rt-14-dev).
# Ends with the path of simbridge-fake-ue on stdout; everything else goes to stderr.
set -eu
plugin=$(cd "$(dirname "$0")" && pwd)
build=${1:-"$plugin/../build/unreal"}
seconds=${FUZZ_SECONDS:-60}
python=${PYTHON:-python3}

{
    "$python" "$plugin/generate_messages.py" --check

    cmake -S "$plugin" -B "$build/release" -DCMAKE_BUILD_TYPE=Release
    cmake --build "$build/release" --parallel
    "$build/release/simbridge-core-tests"

    if [ "$seconds" -gt 0 ]; then
        CC=clang CXX=clang++ cmake -S "$plugin" -B "$build/sanitized" -DCMAKE_BUILD_TYPE=Debug \
            "-DCMAKE_CXX_FLAGS_DEBUG=-O1 -gline-tables-only" -DSIMBRIDGE_FUZZ=ON
        cmake --build "$build/sanitized" --parallel
        "$build/sanitized/simbridge-core-tests"
        seeds=$build/seeds
        mkdir -p "$seeds"
        "$build/sanitized/simbridge-fuzz-seeds" "$seeds"
        for target in Framing Names Orders Build; do
            mkdir -p "$build/found/$target"
            # What is found is kept: a crash as a file in the build folder, new inputs beside the seeds.
            "$build/sanitized/fuzz-$target" "$build/found/$target" "$seeds" -max_total_time=$((seconds / 4)) \
                -max_len=4096 -timeout=20 -rss_limit_mb=2048 -artifact_prefix="$build/found/" -print_final_stats=1
        done
    else
        cmake -S "$plugin" -B "$build/sanitized" -DCMAKE_BUILD_TYPE=Debug \
            "-DCMAKE_CXX_FLAGS_DEBUG=-O1 -g1" -DSIMBRIDGE_SANITIZE=ON
        cmake --build "$build/sanitized" --parallel
        "$build/sanitized/simbridge-core-tests"
    fi
} >&2

echo "$build/release/simbridge-fake-ue"
