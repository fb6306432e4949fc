#!/usr/bin/env bash
# The one entry that people and CI use; './build.sh help' says what it does. Everything it writes is under artifacts/.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

readonly test_projects=(Unit Cluster) # one after the other: Cluster's deadlines need the machine to itself
readonly unit_packages=(librocksdb7.8)
readonly cluster_packages=(librocksdb7.8 redis-server redis-tools python3-redis nodejs npm iproute2 nftables prometheus) # what the Cluster tests drive
readonly test_limit=45m               # a project that hangs is killed after this long and counts as failed

help() {
    cat <<'EOF'
usage: ./build.sh COMMAND

  check                 formatting, the build with every analyzer as an error, architecture and tidy tests
  test [PROJECT]...     all tests (PROJECT: Unit, Cluster); ends with 'N passed, N failed, N skipped'
  format                puts the formatting right
  sim [OPTION]...       500 seeds of the simulator; options as 'trefoil sim --help' says
  bench [NAME] [ARG]... a benchmark of bench/ ('kv', ...); without NAME, lists them
  soak [MINUTES]        the repeating tests in full, then fresh simulator seeds for so long (60); stops at the first that fails
  help                  this text

'test' and 'bench' install the Debian packages they miss when run as root, and name them otherwise.
Exit codes: 0 ok, 1 failed, 2 usage, or something is not installed.
EOF
}

say() { printf 'build.sh: %s\n' "$*" >&2; }

need_sdk() {
    local problem
    if ! command -v dotnet >/dev/null; then
        say "the .NET SDK is not installed (no 'dotnet' on PATH)."
    elif problem=$(dotnet --version 2>&1); then
        return
    else
        say "the installed .NET SDK does not satisfy global.json:"
        sed 's/^/    /' <<<"$problem" >&2
    fi
    say "install the .NET 10 SDK (package dotnet-sdk-10.0) and run this again."
    exit 2
}

# The packages among those named that are not there, told by what they provide: nobody has to use Debian's own.
missing_packages() {
    local package
    for package in "$@"; do
        case $package in
            python3) command -v python3 ;;
            redis-server) command -v redis-server ;;
            redis-tools) command -v redis-cli && command -v redis-benchmark ;;
            nodejs) command -v node ;;
            npm) command -v npm ;;
            iproute2) PATH=$PATH:/usr/sbin command -v ip ;;
            nftables) PATH=$PATH:/usr/sbin command -v nft ;;
            librocksdb7.8) PATH=$PATH:/usr/sbin:/sbin ldconfig -p | grep -F librocksdb.so.7.8 ;;
            python3-redis) /usr/bin/python3 -c 'import redis.cluster' ;;
        esac >/dev/null 2>&1 || printf '%s\n' "$package"
    done
}

need_packages() {
    local missing
    mapfile -t missing < <(missing_packages "$@")
    if ((${#missing[@]} == 0)); then return; fi
    if ((EUID != 0)) || ! command -v apt-get >/dev/null; then
        say "needs the Debian packages: ${missing[*]}"
        say "install them (as root: apt-get install ${missing[*]}) and run this again."
        exit 2
    fi
    say "installing the Debian packages: ${missing[*]}"
    install_packages "${missing[@]}"
    mapfile -t missing < <(missing_packages "$@")
    if ((${#missing[@]} > 0)); then
        say "could not install: ${missing[*]}"
        exit 2
    fi
}

# Debian starts a service it installs wherever an init runs. policy-rc.d is its way to say no: the redis service is left
# alone, and the tests start servers of their own.
install_packages() (
    local policy=/usr/sbin/policy-rc.d
    if [[ ! -e $policy ]]; then
        trap 'rm -f "$policy"' EXIT
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod +x "$policy"
    fi
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends "$@"; } >&2 || true
)

build() { dotnet build Trefoil.slnx --configuration "${1:-Debug}" --verbosity quiet --nologo -warnaserror; }

check() {
    need_sdk
    say "formatting ..."
    # The build enforces style and analyzers, and a tidy test the order of usings: only white space is left, which needs no compiler.
    dotnet format whitespace . --folder --exclude artifacts --verify-no-changes --verbosity quiet || {
        say "not formatted: './build.sh format' puts it right."
        return 1
    }
    say "build ..."
    build
    say "architecture and tidy tests ..."
    artifacts/bin/Unit/debug/Trefoil.Unit -noLogo -noColor -class '*.Tidy.*'
    say "check passed."
}

passed=0 failed=0 skipped=0

# Runs one test project and adds its results, which it reads from the runner's XML. A project that leaves none crashed
# or was killed, and one without a test tests nothing: both count as a failure.
run_tests() {
    local name=$1 results=artifacts/tests/$1.xml code=0 summary
    rm -f "$results"
    say "tests/$name ..."
    timeout --kill-after=30s "$test_limit" \
        "artifacts/bin/$name/debug/Trefoil.$name" -noLogo -noColor -trait- Soak=only -xml "$results" || code=$?
    summary=$(grep -m1 -o '<assembly [^>]*>' "$results" 2>/dev/null) || summary=
    if [[ -z $summary || $(count total "$summary") == 0 ]]; then
        say "tests/$name ended with exit code $code and left no results."
        failed=$((failed + 1))
        return
    fi
    local wrong=$(($(count failed "$summary") + $(count errors "$summary")))
    if ((code != 0 && wrong == 0)); then
        say "tests/$name ended with exit code $code after its last test."
        wrong=1
    fi
    passed=$((passed + $(count passed "$summary")))
    failed=$((failed + wrong))
    skipped=$((skipped + $(count skipped "$summary")))
}

# The number in an attribute of an XML tag, 0 if it is not there.
count() {
    local number
    number=$(sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p" <<<"$2")
    printf '%s' "${number:-0}"
}

run_test_projects() {
    local project projects=("$@")
    if (($# == 0)); then projects=("${test_projects[@]}"); fi
    for project in "${projects[@]}"; do
        if [[ ! -d tests/$project ]]; then
            say "no test project $project; there are: ${test_projects[*]}"
            exit 2
        fi
    done
    need_sdk
    if [[ " ${projects[*]} " == *" Unit "* ]]; then need_packages "${unit_packages[@]}"; fi
    if [[ " ${projects[*]} " == *" Cluster "* ]]; then need_packages "${cluster_packages[@]}"; fi
    mkdir -p artifacts/tests
    if build; then
        for project in "${projects[@]}"; do
            if [[ $project == Cluster ]]; then use_launcher; fi
            run_tests "$project"
        done
    else
        say "the build failed."
        failed=1
    fi
    printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
    ((failed == 0))
}

# Nodes in tests are what people run: built by the launcher, ahead of time. The program itself, since tests signal it by its pid.
use_launcher() {
    if ./trefoil --version >/dev/null; then export TREFOIL_PROGRAM=$PWD/artifacts/launcher/current/trefoil; fi
}

simulate() { ./trefoil sim "$@"; }

# First the tests that repeat, in full; then seeds nobody has seen, until the time is up.
soak() {
    local project
    need_packages "${cluster_packages[@]}"
    build
    for project in "${test_projects[@]}"; do
        TREFOIL_SOAK=1 "artifacts/bin/$project/debug/Trefoil.$project" -noLogo -noColor -trait Soak=yes -trait Soak=only
    done
    local until=$((SECONDS + ${1:-60} * 60)) first=$RANDOM$RANDOM
    while ((SECONDS < until)); do
        simulate --seed "$first" --seeds 500
        first=$((first + 500))
    done
}

bench() {
    local name=${1:-}
    if [[ -z $name || ! -x bench/$name.sh ]]; then
        say "benchmarks: $(find bench -maxdepth 1 -name '*.sh' -printf '%f ' 2>/dev/null | sed 's/\.sh//g')"
        if [[ -z $name ]]; then return; fi
        exit 2
    fi
    need_sdk
    need_packages python3 redis-server redis-tools librocksdb7.8
    shift
    "bench/$name.sh" "$@"
}

command=${1:-help}
if (($# > 0)); then shift; fi
case $command in
    check) check ;;
    test) run_test_projects "$@" ;;
    format) need_sdk && dotnet format Trefoil.slnx ;;
    sim) need_sdk && simulate "$@" ;;
    soak) need_sdk && soak "$@" ;;
    bench) bench "$@" ;;
    help | -h | --help) help ;;
    *)
        say "no command '$command'."
        help >&2
        exit 2
        ;;
esac
