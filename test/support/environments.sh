# Systems of other people to build in, for ./test/matrix. To be sourced by bash after cmake/get_dependencies.sh;
# functions only.
#
# An environment is a Debian of another suite or another architecture, in a folder of build/environments. Making it and
# entering it needs root. It changes nothing outside of that folder.

environments_folder=$repository/build/environments
# A mirror of a suite that moves may be some days behind.
apt_of_environments=(-o Acquire::Check-Valid-Until=false)

# get_environment <name> <suite> <architecture>: makes it unless it is there. On failure $unavailable says why.
get_environment() {
    local name=$1 suite=$2 architecture=$3 folder=$environments_folder/$1
    unavailable=
    [[ ! -e $folder.made ]] || return 0
    [[ $may_install == yes ]] || { unavailable="environments need root"; return 1; }
    have debootstrap || get_packages debootstrap debootstrap ||
        { unavailable="no debootstrap"; return 1; }
    say "making the environment $name: Debian's $suite for $architecture"
    mkdir -p "$environments_folder"
    "${as_root[@]}" rm -rf --one-file-system "$folder"
    # dpkg waits for the disk after each file otherwise, which takes most of the time; what breaks off is made anew anyway.
    "${as_root[@]}" mkdir -p "$folder/etc/dpkg/dpkg.cfg.d"
    echo force-unsafe-io | "${as_root[@]}" tee "$folder/etc/dpkg/dpkg.cfg.d/unsafe-io" >/dev/null
    logged "${as_root[@]}" debootstrap --variant=minbase --arch="$architecture" \
        --include=ca-certificates,ccache,cmake,g++,libssl-dev,ninja-build,procps,python3 "$suite" "$folder" ||
        { unavailable="debootstrap could not make Debian's $suite for $architecture"; return 1; }
    # Without it a test has no localhost.
    [[ -e $folder/etc/hosts ]] ||
        printf '127.0.0.1\tlocalhost\n::1\tlocalhost\n' | "${as_root[@]}" tee "$folder/etc/hosts" >/dev/null
    touch "$folder.made"
}

# enter <name> <command>...: runs it in that environment and in this repository, whose path is the same inside. The
# mounts end with the command.
enter() {
    local root=$environments_folder/$1
    shift
    "${as_root[@]}" unshare --mount --pid --fork --kill-child sh -euc '
        root=$1 repository=$2
        shift 2
        mkdir -p "$root$repository"
        mount -t proc proc "$root/proc"
        mount --rbind /dev "$root/dev"
        mount --bind "$repository" "$root$repository"
        export HOME=/root LC_ALL=C.UTF-8 CCACHE_DIR="$repository/build/environments/ccache"
        exec chroot "$root" sh -euc "cd \"\$1\"; shift; exec \"\$@\"" sh "$repository" "$@"
        ' sh "$root" "$repository" "$@"
}

# install_in <name> <package>...: on failure $unavailable says why.
install_in() {
    local name=$1
    shift
    # dpkg knows packages that others recommend, too.
    local states
    states=$(enter "$name" dpkg-query -W -f '${db:Status-Status}\n' "$@" 2>/dev/null) &&
        ! grep -qvx installed <<<"$states" && return 0
    say "$name: installing $*"
    logged enter "$name" apt-get "${apt_of_environments[@]}" update &&
        logged enter "$name" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" ||
        { unavailable="packages could not be installed: $*"; return 1; }
}

# newest_in <name> <pattern>: the package with the highest version among those whose name matches it, which has the version
# as its one group: ^clang-([0-9]+)$
newest_in() {
    enter "$1" apt-cache search --names-only "$2" | sed -nE "s/${2%\$} .*/\\1/p" | sort -V | tail -n 1
}

# boost_packages_of <version>
boost_packages_of() { printf "libboost%s-dev\n" "$1" "-json$1" "-test$1" "-url$1"; }

# get_boost_of_libcxx <name> <clang's version> <boost's version>: Boost's libraries for libc++, which no distribution has,
# from Debian's sources. Sets boost_of_libcxx.
get_boost_of_libcxx() {
    local name=$1 clang=$2 version=$3
    boost_of_libcxx=$environments_folder/boost-$version-libcxx-$clang
    [[ ! -e $boost_of_libcxx.made ]] || return 0
    install_in "$name" xz-utils || return 1
    say "$name: building Boost $version with libc++"
    # Debian's list of sources is that of its packages.
    logged enter "$name" sh -euc '
        sed -n "s/^deb /deb-src /p" /etc/apt/sources.list >/etc/apt/sources.list.d/sources.list
        apt-get -o Acquire::Check-Valid-Until=false update
        rm -rf /usr/src/boost && mkdir -p /usr/src/boost && cd /usr/src/boost
        # Only the original archive is needed, whatever becomes of the other files.
        apt-get -o APT::Sandbox::User=root source --download-only "boost$1" || test -e ./*.orig.tar.xz
        tar --strip-components=1 -xJf ./*.orig.tar.xz --wildcards "*/libs/json/src" "*/libs/url/src" "*/libs/test/src"
        ' sh "$version" || { unavailable="Boost's sources could not be had"; return 1; }
    logged enter "$name" cmake -G Ninja -S test/support/boost_from_sources -B "$boost_of_libcxx.build" \
        -D BOOST_SOURCES=/usr/src/boost -D "CMAKE_CXX_COMPILER=clang++-$clang" -D CMAKE_CXX_FLAGS=-stdlib=libc++ \
        -D CMAKE_BUILD_TYPE=Debug -D "CMAKE_INSTALL_PREFIX=$boost_of_libcxx" &&
        logged enter "$name" cmake --build "$boost_of_libcxx.build" --target install --parallel "$jobs" ||
        { unavailable="Boost does not build with libc++"; return 1; }
    touch "$boost_of_libcxx.made"
}
