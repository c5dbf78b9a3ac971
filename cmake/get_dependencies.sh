# Gets what a build needs, for ./example/run and ./test/run. To be sourced by bash; functions only.
#
# What is installed and new enough is used as it is. What is missing comes from the distribution's packages. As root,
# or with a sudo that asks for no password, they are installed, unless that would remove or replace something. In that
# case, and without root, they are unpacked into build/packages, which changes nothing on the system.

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
packages_folder=$repository/build/packages
dependencies_log=$repository/build/dependencies.log

cmake_arguments=()          # what every configuration needs to find what was unpacked
left_out=()                 # what could not be had, and what that leaves out
as_root=()                  # how to become root
may_install=no
may_unpack=yes              # for a single call: may_unpack=no get_packages ...
apt_options=()
lists_are_fresh=no

say() { printf '== %s\n' "$*" >&2; }
die() { printf '== %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# Runs a command quietly; what it printed is shown if it fails.
logged() {
    local output status=0
    output=$(mktemp)
    "$@" >"$output" 2>&1 || status=$?
    cat "$output" >>"$dependencies_log"
    [[ $status == 0 ]] || tail -n 15 "$output" >&2
    rm -f "$output"
    return $status
}

find_out_who_we_are() {
    if [[ $(id -u) == 0 ]]; then
        may_install=yes
    elif have sudo && sudo -n true 2>/dev/null; then
        may_install=yes
        as_root=(sudo -n)
    fi
    as_root+=(env DEBIAN_FRONTEND=noninteractive)
}

# Once in a run, and only if something is missing. Without root into a folder of our own.
refresh_package_lists() {
    [[ $lists_are_fresh == no ]] || return 0
    lists_are_fresh=yes
    say "reading the distribution's package lists"
    if [[ $may_install == yes ]]; then
        logged "${as_root[@]}" apt-get update || say "they could not be refreshed; trying with what is there"
    else
        mkdir -p "$packages_folder/apt/lists/partial" "$packages_folder/apt/cache/archives/partial"
        apt_options=(-o "Dir::State::Lists=$packages_folder/apt/lists" -o "Dir::Cache=$packages_folder/apt/cache")
        logged apt-get "${apt_options[@]}" update || apt_options=()
    fi
}

# What installing these would do, one line a package; fails if it is impossible.
simulate() { apt-get "${apt_options[@]}" install -s --no-install-recommends "$@" 2>>"$dependencies_log"; }

# get_packages <what for> <package>...
get_packages() {
    local purpose=$1 plan removed
    shift
    [[ $may_install == yes || $may_unpack == yes ]] || return 1
    have apt-get || { say "missing for $purpose, and this is not a Debian system: $*"; return 1; }
    refresh_package_lists
    plan=$(simulate "$@") || { say "no packages for $purpose: $*"; return 1; }
    removed=$(awk '$1 == "Remv" { printf " %s", $2 }' <<<"$plan")
    if [[ $may_install == yes && -z $removed ]]; then
        say "installing $purpose: $*"
        logged "${as_root[@]}" apt-get install -y --no-install-recommends "$@"
    else
        [[ -z $removed ]] || say "installing $purpose would remove$removed: these stay, and it is not installed"
        [[ $may_unpack == yes ]] || return 1
        # Only what is new: upgraded packages, in brackets the old version, stay with the system's.
        # shellcheck disable=SC2046
        unpack_packages "$purpose" $(awk '$1 == "Inst" && $3 !~ /^\[/ { print $2 }' <<<"$plan")
    fi
}

unpack_packages() {
    local purpose=$1 download=$packages_folder/download list=$packages_folder/unpacked package file
    local packages=()
    shift
    rm -rf "$download"
    mkdir -p "$download"
    touch "$list"
    for package in "$@"; do
        grep -qxF "$package" "$list" || packages+=("$package")
    done
    say "unpacking $purpose into build/packages: ${packages[*]}"
    # Readable for apt's own user, where root is told to fetch as that.
    chmod 755 "$packages_folder" "$download"
    (cd "$download" && logged apt-get "${apt_options[@]}" download "${packages[@]}") || return 1
    for file in "$download"/*.deb; do
        dpkg -x "$file" "$packages_folder"
    done
    printf '%s\n' "${packages[@]}" >>"$list"
    rm -rf "$download"
    complete_unpacked_packages
    use_unpacked_packages
}

# What the package manager would have done, or what holds only below /usr.
complete_unpacked_packages() {
    local link target library_folder tool
    library_folder=$packages_folder/usr/lib/$(multiarch)
    # libssl.so -> libssl.so.3, where the latter is the system's.
    while IFS= read -r link; do
        target=$(basename "$(readlink "$link")")
        for system_folder in "/usr/lib/$(multiarch)" "/lib/$(multiarch)"; do
            [[ ! -e $system_folder/$target ]] || ln -sfn "$system_folder/$target" "$link"
        done
    done < <(find "$packages_folder/usr/lib" -xtype l 2>/dev/null)
    # Headers of one architecture, which only the system's compiler looks for by itself.
    if [[ -d $packages_folder/usr/include/$(multiarch)/openssl ]]; then
        cp -f "$packages_folder/usr/include/$(multiarch)/openssl/"* "$packages_folder/usr/include/openssl/"
    fi
    # Programs find the libraries that came with them.
    mkdir -p "$packages_folder/bin"
    for tool in ninja ccache python3 clang++-19 clang-query-19 clang-format-19 redis-server valkey-server; do
        [[ -e $packages_folder/usr/bin/$tool ]] || continue
        printf '#!/bin/sh\nLD_LIBRARY_PATH=%q${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} exec %q "$@"\n' \
            "$library_folder:$packages_folder/lib/$(multiarch):$packages_folder/usr/lib/llvm-19/lib" \
            "$packages_folder/usr/bin/$tool" >"$packages_folder/bin/$tool"
        chmod +x "$packages_folder/bin/$tool"
    done
}

multiarch() { "${CXX:-g++}" -print-multiarch 2>/dev/null || true; }

# Makes what was unpacked, now or in an earlier run, known to this run.
use_unpacked_packages() {
    [[ -d $packages_folder/usr ]] || return 0
    [[ :$PATH: == *:$packages_folder/bin:* ]] || export PATH=$packages_folder/bin:$PATH
    # First bin/, where programs are wrapped, then usr/.
    cmake_arguments=(-D "CMAKE_PREFIX_PATH=$packages_folder;$packages_folder/usr")
    [[ ! -e $packages_folder/bin/python3 ]] ||
        cmake_arguments+=(-D "Python3_EXECUTABLE=$packages_folder/bin/python3")
}

cmake_is_new_enough() {
    have cmake && [[ $(printf '%s\n' 3.25 "$(cmake --version | sed -n 's/^cmake version //p')" | sort -V | head -n 1) == 3.25 ]]
}

# A compiler, CMake and Ninja: without the first two there is no way on but root's.
get_build_tools() {
    local wanted=()
    have "${CXX:-g++}" || wanted+=(g++)
    cmake_is_new_enough || wanted+=(cmake)
    if ((${#wanted[@]})); then
        [[ $may_install == yes ]] || die "missing: ${wanted[*]}; they need root: apt-get install ${wanted[*]}"
        get_packages "the compiler and CMake" "${wanted[@]}" || die "could not get ${wanted[*]}"
        cmake_is_new_enough || die "CMake 3.25 or newer is needed, and the distribution has none"
    fi
    have ninja || get_packages Ninja ninja-build || die "could not get Ninja"
}

# probe <boost component>...: what is missing, one word a line.
probe() {
    local output
    output=$(cmake -G Ninja -S "$repository/cmake/probe" -B "$repository/build/probe" "${cmake_arguments[@]}" \
        -D "PROBE_BOOST_COMPONENTS=$(IFS=';'; echo "$*")" 2>&1) || { printf '%s\n' "$output" >&2; return 1; }
    printf '%s\n' "$output" >>"$dependencies_log"
    sed -n 's/^missing: //p' <<<"$output"
}

# The packages of Boost 1.81, or else of the newest that the distribution has.
boost_packages() {
    local version=1.81 versions component
    # apt-cache shows packages that others only mention, too; search lists those that there are.
    versions=$(apt-cache "${apt_options[@]}" search --names-only '^libboost-url[0-9.]+-dev$' |
        sed -n 's/^libboost-url\([0-9.]*\)-dev .*/\1/p' | sort -V)
    [[ -n $versions ]] || return 1
    grep -qx "$version" <<<"$versions" || version=$(tail -n 1 <<<"$versions")
    printf 'libboost%s-dev\n' "$version"
    for component in "$@"; do
        printf 'libboost-%s%s-dev\n' "${component/unit_test_framework/test}" "$version"
    done
}

# get_libraries <boost component>...
get_libraries() {
    local missing packages
    missing=$(probe "$@") || die "the compiler or CMake does not work"
    if grep -qx openssl <<<"$missing"; then
        get_packages OpenSSL libssl-dev || die "could not get OpenSSL 3.0"
    fi
    if grep -qx boost <<<"$missing"; then
        refresh_package_lists
        packages=$(boost_packages "$@") || die "Boost 1.81 or newer is needed, and the distribution has none"
        # shellcheck disable=SC2086
        get_packages Boost $packages || die "could not get Boost 1.81 or newer"
    fi
    if [[ -n $missing ]]; then
        missing=$(probe "$@") || die "the compiler or CMake does not work"
        [[ -z $missing ]] || die "still not found: $missing (see build/dependencies.log)"
    fi
}

# get_optional <program> <what is left out without it> <package>...
get_optional() {
    local program=$1 loss=$2
    shift 2
    have "$program" || get_packages "$program" "$@" || true
    have "$program" || left_out+=("$loss: no $program")
}

# get_server <program> <package>: unpacked, as installing it would start it on this machine.
get_server() {
    local may_install=no
    have "$1" || get_packages "$1" "$2" || true
    have "$1"
}

# get_newest_boost: sets newest_boost to a folder with the newest Boost that can be had, or to nothing if the system's
# is as new. It comes from the Python package index, pinned, into build/; nothing is installed. Fails if neither the
# system nor the index has one that is new enough for Redis.
get_newest_boost() {
    local boost version newest folder=$repository/build/newest_boost list=$repository/cmake/newest_boost.txt
    newest_boost=
    newest=$(sed -n 's/^cmeel-boost==\([0-9.]*\).*/\1/p' "$list")
    probe json url unit_test_framework >/dev/null || return 1
    version=$(sed -n 's/^Boost \([0-9.]*\): .*/\1/p' "$dependencies_log" | tail -n 1)
    is_at_least "${version:-0}" "$newest" && return 0

    boost=$folder/cmeel.prefix
    if ! cmp -s "$list" "$folder/installed.txt"; then
        say "getting Boost $newest beside $version, into build/newest_boost"
        # The wheels are for one version of Python, but their headers and libraries are not.
        if ! download_wheel "$list" "$folder"; then
            is_at_least "${version:-0}" 1.84
            return
        fi
    fi
    newest_boost=$boost
}

# download_wheel <requirements file> <folder>
download_wheel() {
    local list=$1 folder=$2
    python3 -m pip --version >/dev/null 2>&1 || may_unpack=no get_packages pip python3-pip || return 1
    rm -rf "$folder"
    mkdir -p "$folder/download"
    logged python3 -m pip download --disable-pip-version-check --quiet --no-deps --require-hashes \
        --only-binary=:all: --implementation cp --python-version 3.11 --abi cp311 \
        --platform "manylinux_2_28_$(uname -m)" --dest "$folder/download" --requirement "$list" || return 1
    logged python3 -m zipfile -e "$folder"/download/*.whl "$folder" || return 1
    rm -rf "$folder/download"
    cp "$list" "$folder/installed.txt"
}

is_at_least() { [[ $(printf '%s\n' "$2" "$1" | sort -V | head -n 1) == "$2" ]]; }

# get_sanitizers: a clang that can link them, for what g++ 12 needs minutes and gigabytes.
clang_sanitizes() {
    have clang++-19 && clang++-19 -x c++ -fsanitize=address,undefined -o "$repository/build/sanitized" - \
        <<<'int main() {}' >>"$dependencies_log" 2>&1
}
get_sanitizers() {
    clang_sanitizes || get_packages "clang with sanitizers" clang-19 libclang-rt-19-dev || true
    clang_sanitizes || left_out+=("undefined-behaviour sanitizer: no clang-19")
}

# As many compilers at once as processors and memory allow: the largest files take a gigabyte.
parallel_jobs() {
    local processors memory
    processors=$(nproc)
    memory=$(awk '/^MemAvailable:/ { print int($2 / 1500000) }' /proc/meminfo 2>/dev/null || true)
    memory=${memory:-$processors}
    ((memory >= 1)) || memory=1
    echo $((memory < processors ? memory : processors))
}

# Two scripts at once take turns until release_dependencies.
start_dependencies() {
    mkdir -p "$repository/build"
    exec 9>"$repository/build/dependencies.lock"
    flock 9
    : >"$dependencies_log"
    find_out_who_we_are
    use_unpacked_packages
    get_build_tools
}

release_dependencies() { exec 9>&-; }
