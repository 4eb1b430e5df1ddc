#!/bin/sh
# Builds the static libraries that capbu.exe needs, from Debian's source packages, each once into a cache outside the tree,
# and prints their pkg-config folders, joined by commas. The machine's package sources are not changed: a private list
# names the same mirrors.
set -eu
host=x86_64-w64-mingw32
cache=${XDG_CACHE_HOME:-$HOME/.cache}/capbu/mingw
jobs=${CAPBU_JOBS:-$(nproc)}

# What the mirrors have of a binary package: "version uri suite/component".
candidate() {
    apt-cache policy "$1" | awk '/Candidate:/ { want = $2 } { sub(/^ *\*\*\*/, "") }
        $1 == want { found = 1; next } found && $2 ~ /^[a-z]+:\/\// { print want, $2, $3; exit }'
}

private_apt() {
    apt-get -qq -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$work/lists" \
        -o Dir::Cache::archives="$work/archives" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= \
        -o APT::Sandbox::User=root "$@"
}

# unpack SOURCE: into $work/tree. The whole source package with Debian's patches; where a mirror has upstream's archive
# only, that, and it is said.
unpack() {
    mkdir -p "$work/lists/partial" "$work/archives/partial" "$work/in"
    cd "$work/in"
    private_apt update
    if private_apt source --download-only "$1"; then
        dpkg-source -x ./*.dsc "$work/tree"
    else
        echo "$1: the mirror has upstream's archive only, without Debian's patches" >&3
        private_apt source --download-only --tar-only "$1"
        mkdir "$work/tree"
        tar -C "$work/tree" --strip-components=1 -xf ./*.orig.tar.*z
    fi
    cd "$work/tree"
}

# Only libcrypto: TLS is the system's. It reads no configuration from anywhere, and names no folder of this machine.
build_openssl() {
    ./Configure mingw64 --cross-compile-prefix=$host- --prefix=/Windows --openssldir=/Windows --libdir=lib no-shared \
        no-tests no-engine no-legacy no-dso no-async no-module no-ui-console no-comp no-srp no-ssl no-dtls no-autoload-config
    make build_generated
    make -j"$jobs" libcrypto.a
    mkdir -p "$prefix/include" "$prefix/lib/pkgconfig"
    cp -R include/openssl "$prefix/include/"
    cp libcrypto.a "$prefix/lib/"
    cat >"$prefix/lib/pkgconfig/libcrypto.pc" <<END
Name: libcrypto
Description: OpenSSL's libcrypto
Version: ${version%%-*}
Libs: -L$prefix/lib -lcrypto -lws2_32 -lgdi32 -lcrypt32
Cflags: -I$prefix/include
END
}

build_autotools() {
    [ -x configure ] || autoreconf -i
    ./configure --host=$host --prefix="$prefix" --disable-shared --enable-static "$@"
    make -j"$jobs"
    make install
}

build_jansson() { build_autotools; }
build_libmicrohttpd() { build_autotools --disable-https --disable-doc --disable-examples --disable-curl; }

# library SOURCE PACKAGE: builds it unless this version is there; its pkg-config folder is added to $folders.
library() {
    # shellcheck disable=SC2046 # three words
    set -- "$1" "$2" $(candidate "$2")
    [ $# = 5 ] || { echo "no package source names $2: run apt-get update" >&2; exit 1; }
    version=${3#*:}
    prefix=$cache/$1-$(printf %s "$version" | tr '~+' '__')
    folders=$folders${folders:+,}$prefix/lib/pkgconfig
    [ ! -e "$prefix/done" ] || return 0
    echo "building $1 $version for Windows into $prefix (once)" >&2
    rm -rf "$prefix" "$work"
    mkdir -p "$work"
    echo "deb-src $4 ${5%%/*} ${5#*/}" >"$work/sources.list"
    (
        unpack "$1"
        "build_$1"
    ) >"$work.log" 2>&1
    touch "$prefix/done"
}

mkdir -p "$cache"
exec 3>&2 9>"$cache/lock"
flock 9
work=$(mktemp -d "$cache/build.XXXXXX")
trap '[ -n "$complete" ] || tail -n 30 "$work.log" >&2; rm -rf "$work" "$work.log"' EXIT
complete= folders=
library openssl libssl-dev
library jansson libjansson-dev
library libmicrohttpd libmicrohttpd-dev
complete=yes
echo "$folders"
