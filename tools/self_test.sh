# Read by the self-tests of the checks. The script sets $check and clean_tree;
# each refusal is tried on a fresh clean tree with one file added.
work=$(mktemp -d)
tree=$work/tree
trap 'rm -rf "$work"' EXIT
tried=0

file() {
    path=$tree/$1
    shift
    mkdir -p "$(dirname "$path")"
    printf '%s\n' "$@" >"$path"
}

wrong() {
    echo "$(basename "$check"): $1" >&2
    exit 1
}

# The clean tree, with a file or without one, is accepted without a word.
silent() {
    clean_tree
    [ $# -eq 0 ] || file "$@"
    said=$("$check" "$tree" 2>&1) || wrong "refused what is allowed: $said"
    [ -z "$said" ] || wrong "spoke about a clean tree: $said"
    tried=$((tried + 1))
}

# refused SENTENCE FILE LINE...
refused() {
    sentence=$1
    shift
    clean_tree
    file "$@"
    if said=$("$check" "$tree" 2>&1); then
        wrong "let pass in $1: $2"
    fi
    case $said in
    "$1:"*"$sentence"*) ;;
    *) wrong "expected '$1: ...$sentence', got: $said" ;;
    esac
    tried=$((tried + 1))
}

passed() {
    echo "$(basename "$check"): $tried cases, every rule bites"
}
