# Builds and tests one configuration after another and counts what passed, for ./test/run and ./test/matrix. To be
# sourced by bash after cmake/get_dependencies.sh; functions only.

passed=0 failed=0 skipped=0
failures=()
within=()                   # the command that runs others in an environment; empty on this system

pass() { passed=$((passed + 1)); }
fail() { failed=$((failed + 1)); failures+=("$1"); say "FAILED: $1"; }
skip() { skipped=$((skipped + 1)); left_out+=("$1"); }

# Prints each twentieth line of ninja's progress, and every other line.
thin_out() {
    awk '/^\[[0-9]+\/[0-9]+\]/ { if (n++ % 20 == 0) { print; fflush() } next }
         /^ninja: (Entering|no work)/ { next }
         { print; fflush() }'
}

# build <folder> <target>...: builds everything that can be built, even if something cannot.
build() {
    local folder=build/$1
    shift
    "${within[@]}" cmake --build "$folder" --target "$@" --parallel "$jobs" -- -k 0 2>&1 |
        tee "$folder.build.log" | thin_out
}

# run_tests <folder> <what> <ctest option>...
run_tests() {
    local folder=build/$1 what=$2 results counts
    shift 2
    rm -rf "$folder/results.xml" "$folder/cases"
    find "$folder" -name '*.gcda' -delete # programs complain on stderr of the counts of an older build
    mkdir -p "$folder/cases"
    "${within[@]}" ctest --test-dir "$folder" --parallel "$jobs" --output-on-failure --no-tests=error \
        --test-output-size-passed 65536 --output-junit "$repository/$folder/results.xml" "$@" 2>&1 |
        tee "$folder.test.log" || true
    if ! results=$(python3 -B test/support/summarize_results.py "$folder/results.xml"); then
        fail "$what: the tests did not run"
        return
    fi
    # The first line has the three counts; each other line is a test that failed or was left out.
    read -r -a counts <<<"$results"
    passed=$((passed + counts[0])) failed=$((failed + counts[1])) skipped=$((skipped + counts[2]))
    while IFS=$'\t' read -r kind name reason; do
        case $kind in
        failed) failures+=("$what: $name${reason:+ ($reason)}") ;;
        skipped) left_out+=("$what: $name: $reason") ;;
        esac
    done < <(tail -n +2 <<<"$results")
}

# check <folder> <what> <labels> <cmake argument>...: configures, builds and tests one configuration.
check() {
    local name=$1 what=$2 labels=$3 targets=(all) selection=()
    shift 3
    if [[ -n $labels ]]; then
        selection=(-L "^(${labels// /|})\$")
        targets=()
        for label in $labels; do targets+=("tests_$label"); done
    fi
    say "$what: configuring"
    # The compiler reads several files at a time, in half the time; the run "floor" of test/matrix shows that each file
    # compiles by itself.
    if ! logged "${within[@]}" cmake -G Ninja -S . -B "build/$name" "${cmake_arguments[@]}" -D COAUTH_BUILD_TESTS=ON \
        -Werror=dev -Werror=deprecated -D COAUTH_WERROR=ON -D CMAKE_CXX_FLAGS_DEBUG=-g0 -D CMAKE_UNITY_BUILD=ON "$@"; then
        fail "$what: configuring"
        return
    fi
    say "$what: building"
    if build "$name" "${targets[@]}"; then pass; else fail "$what: building (see build/$name.build.log)"; fi
    say "$what: testing"
    run_tests "$name" "$what" "${selection[@]}"
}

# Prints what was left out and what failed, then the counts.
summarize() {
    if ((${#left_out[@]})); then
        printf 'left out: %s\n' "${left_out[@]}"
    fi
    if ((${#failures[@]})); then
        printf 'failed: %s\n' "${failures[@]}"
    fi
    printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
}
