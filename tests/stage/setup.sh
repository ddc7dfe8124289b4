#!/bin/sh
# Installs what a bare Debian 12 lacks, and Kafka's jars. Silent and quick when
# nothing is missing. Needs root or password-less sudo only to install.
#
#     tests/stage/setup.sh [--test]
set -eu
cd "$(dirname "$0")/../.."

packages="gcc libc6-dev make pkg-config librdkafka-dev libhiredis-dev libpq-dev
libjansson-dev libmicrohttpd-dev libsodium-dev libcurl4-openssl-dev
libutf8proc-dev postgresql redis-server openjdk-17-jre-headless maven python3"
[ "${1-}" != --test ] ||
    packages="$packages patch libcmocka-dev prometheus libfaketime"

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        sudo -n "$@"
    else
        echo "setup: needs root, or sudo without a password, to install:" >&2
        echo "$missing" >&2
        exit 1
    fi
}

missing_packages() {
    for package in $packages; do
        case $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) in
        installed) ;;
        *) printf '%s ' "$package" ;;
        esac
    done
}

# Debian starts a server as soon as it is installed. Ours are started by
# tests/stage alone, so forbid it for the time of the installation.
install_quietly() {
    policy=/usr/sbin/policy-rc.d
    if [ ! -e $policy ]; then
        trap 'as_root rm -f $policy' EXIT
        trap 'exit 1' INT TERM
        printf '#!/bin/sh\nexit 101\n' | as_root tee $policy >/dev/null
        as_root chmod 755 $policy
    fi
    log=build/setup.log
    for step in update "install -y --no-install-recommends $missing"; do
        # shellcheck disable=SC2086 # the words of a step are apart
        as_root env DEBIAN_FRONTEND=noninteractive apt-get -q \
            -o DPkg::Lock::Timeout=300 $step >>$log 2>&1 || {
            tail -20 $log >&2
            echo "setup: apt-get $step failed (all of it: $log)" >&2
            exit 1
        }
    done
}

fetch_kafka() {
    echo "setup: fetching Kafka's jars" >&2
    rm -rf build/kafka/libs
    mvn -q -B -f docker/kafka/pom.xml dependency:copy-dependencies \
        -DoutputDirectory="$PWD/build/kafka/libs" >build/kafka.log 2>&1 || {
        tail -20 build/kafka.log >&2
        echo "setup: maven failed (all of it: build/kafka.log)" >&2
        exit 1
    }
    rm -f build/kafka.log
}

mkdir -p build
exec 9>build/.setup.lock
flock 9
missing=$(missing_packages)
if [ -n "$missing" ]; then
    echo "setup: installing $(echo "$missing" | wc -w) packages" >&2
    install_quietly
fi
# The archive of loaded classes holds the jars' absolute paths: a checkout that
# was moved makes its own.
stamp="$PWD $(cksum <docker/kafka/pom.xml)"
if [ "$(cat build/kafka/stamp 2>/dev/null)" != "$stamp" ]; then
    mkdir -p build/kafka
    fetch_kafka
    python3 -m tests.stage archive
    echo "$stamp" >build/kafka/stamp
fi
