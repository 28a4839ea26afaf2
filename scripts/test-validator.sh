#!/usr/bin/env bash
# The check before a release: two epochs from their events to their members' balances, by the commands
# alone, on solana-test-validator, which runs the code that clusters run. The first epoch goes step by
# step, the second by the daemon, turn by turn.
#
#   scripts/test-validator.sh                                   starts a validator, and stops it
#   STK_URL=http://127.0.0.1:8899 scripts/test-validator.sh     on a node that runs and has the program
#
# Without STK_URL the validator is installed into the cache first, unless it is there: that takes more
# than an hour on two cores. A node that runs gives SOL to a new key (requestAirdrop), or STK_KEYPAIR
# names a key that has some; STK_WEBSOCKET_URL where its WebSocket is not one port higher.
#
# STK and STK_ORACLE_BIN are the binaries; without them they are built.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/.."
root=$PWD

readonly VALIDATOR_VERSION=4.2.2
PROGRAM=$(sed -n 's/.*PROGRAM_ID: Address = address!("\(.*\)");/\1/p' crates/interface/src/addresses.rs)
readonly PROGRAM
readonly CACHE=${SYSTEM_TOKEN_CACHE:-$HOME/.cache/system-token}
# How long anything is waited for, seconds.
readonly PATIENCE=300
# Exit code of what has to wait.
readonly LATER=75

# shellcheck source=scripts/debian.sh
source scripts/debian.sh
install_debian curl jq openssl

if [ -z "${STK:-}" ] || [ -z "${STK_ORACLE_BIN:-}" ]; then
  export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$CACHE/target}
  cargo build --quiet --locked --release --workspace --bin stk --bin stk-oracle
  STK=$CARGO_TARGET_DIR/release/stk STK_ORACLE_BIN=$CARGO_TARGET_DIR/release/stk-oracle
fi

work=$(mktemp -d)
children=()
finish() {
  local child
  for child in "${children[@]}"; do
    kill "$child" 2>/dev/null || true
    wait "$child" 2>/dev/null || true
  done
  rm -rf "$work"
}
trap finish EXIT

fail() {
  echo "test-validator.sh: $*" >&2
  exit 1
}

# Repeats a command until it succeeds.
until_done() {
  local deadline=$((SECONDS + PATIENCE))
  until "$@" >"$work/out" 2>"$work/err"; do
    [ "$SECONDS" -lt "$deadline" ] || { cat "$work/err" >&2; fail "not in $PATIENCE s: $*"; }
    sleep 1
  done
  cat "$work/out"
}

# Repeats a command of the oracle while its exit code says later.
later_done() {
  local deadline=$((SECONDS + PATIENCE)) code
  while true; do
    code=0
    oracle "$@" >"$work/out" 2>"$work/err" || code=$?
    [ "$code" -ne 0 ] || break
    if [ "$code" -ne "$LATER" ] || [ "$SECONDS" -ge "$deadline" ]; then
      cat "$work/err" >&2
      fail "exit code $code: stk-oracle $*"
    fi
    sleep 2
  done
  cat "$work/out"
}

# Asserts that two values are equal.
equal() {
  [ "$2" = "$3" ] || fail "$1: expected $3, found $2"
  echo "$1: $2" >&2
}

# Asks the node.
rpc() {
  curl --silent --show-error --fail --max-time 30 --header 'content-type: application/json' "$STK_URL" \
    --data "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"$1\",\"params\":$2}" | jq --exit-status .result
}

# Makes a keypair file as solana-keygen writes it: the secret half, then the public one.
keypair() {
  local der=$work/key.der
  (umask 077 && openssl genpkey -algorithm ed25519 -outform DER -out "$der")
  (
    umask 077
    { tail -c 32 "$der"; openssl pkey -inform DER -in "$der" -pubout -outform DER | tail -c 32; } |
      od -An -v -tu1 | tr -s ' \n' ',' | sed 's/^,/[/; s/,$/]/' >"$work/$1.json"
  )
  rm "$der"
}

address() {
  "$STK" config --keypair "$work/$1.json" --output json | jq -r .address
}

stk() {
  "$STK" "$@" --output json
}

oracle() {
  (cd "$work" && "$STK_ORACLE_BIN" "$@" --output json)
}

# What a wallet has of the mint, base units.
balance() {
  rpc getTokenAccountsByOwner "[\"$(address "$1")\",{\"mint\":\"$STK_MINT\"},{\"encoding\":\"jsonParsed\",\"commitment\":\"confirmed\"}]" |
    jq -r '[.value[].account.data.parsed.info.tokenAmount.amount | tonumber] | add // 0'
}

supply() {
  rpc getTokenSupply "[\"$STK_MINT\",{\"commitment\":\"confirmed\"}]" | jq -r .value.amount
}

start_validator() {
  local installed=$CACHE/solana-test-validator-$VALIDATOR_VERSION validator
  validator=$installed/bin/solana-test-validator
  if [ ! -x "$validator" ]; then
    echo "building solana-test-validator $VALIDATOR_VERSION, which takes more than an hour …" >&2
    install_debian g++ make pkg-config cmake libudev-dev libssl-dev libclang-dev protobuf-compiler
    CARGO_TARGET_DIR=$CACHE/solana-test-validator-target cargo install --quiet agave-validator \
      --version "$VALIDATOR_VERSION" --locked --bin solana-test-validator --root "$installed" >&2
    rm -rf "$CACHE/solana-test-validator-target"
  fi
  "$validator" --quiet --reset --ledger "$work/ledger" --mint "$(address payer)" \
    --bpf-program "$PROGRAM" "$root/crates/chain/artifact/system_token.so" >"$work/validator.log" 2>&1 &
  children+=("$!")
  export STK_URL=http://127.0.0.1:8899 STK_WEBSOCKET_URL=ws://127.0.0.1:8900
}

give_sol() {
  [ -z "${STK_KEYPAIR:-}" ] || return 0
  rpc requestAirdrop "[\"$(address payer)\",10000000000]" >/dev/null
}

has_sol() {
  rpc getBalance "[\"$(address payer)\",{\"commitment\":\"finalized\"}]" | jq --exit-status '.value > 0' >/dev/null
}

# A rule book and the events of two days, the second of which ended an hour ago.
write_community() {
  local now started
  now=$(date +%s)
  started=$((now - 2 * 86400 - 3600))
  start_at=$(date -u -d "@$started" +%Y-%m-%dT%H:%M:%SZ)
  cat >"$work/policy.toml" <<RULES
version = 1
name = "A release check"
epoch = { start_at = "$start_at", length_days = 1 }
token = { name = "Check", symbol = "CHK", decimals = 6 }
emission = { budget = 1_000, decay_epochs = 0, decay_percent = 100, supply_cap = 1_000_000 }
governance = { challenge_hours = 1, timelock_hours = 1 }
allocation = { member_cap_percent = 100, spend_limit_percent = 100 }
payout = { mode = "budget_share", create_token_accounts = true }
engagement = { weight_percent = 0, half_saturation = 1, pair_damping_percent = 50 }

[[pool]]
name = "work"
share_percent = 100

[[kind]]
name = "work"
event = "work_done"
pool = "work"
base = 10
RULES
  cat >"$work/oracle.toml" <<CONFIG
policy = "policy.toml"
[oracle_key]
keypair = "oracle-1.json"
CONFIG
  local id=0 actor at
  for actor in anna boris boris anna; do
    id=$((id + 1)) at=$((started + 3600 + (id / 4) * 86400))
    printf '{"uuid":"00000000-0000-5000-8000-00000000000%s","event":"work_done","distinct_id":"%s","timestamp":"%s","properties":{"artifact":"%s"}}\n' \
      "$id" "$actor" "$(date -u -d "@$at" +%Y-%m-%dT%H:%M:%SZ)" "$id"
  done >"$work/events.jsonl"
}

link_wallets() {
  local server url member code
  printf 'member,source,external_id,roles\n%s\n%s\n' 'anna,posthog,anna,' 'boris,posthog,boris,' \
    >"$work/members.csv"
  oracle members import members.csv >/dev/null
  (cd "$work" && exec "$STK_ORACLE_BIN" serve --listen 127.0.0.1:0) >"$work/serve" 2>"$work/serve.log" &
  server=$!
  children+=("$server")
  url=$(until_done grep --only-matching 'http://.*' "$work/serve")
  for member in anna boris; do
    code=$(oracle members code "posthog:$member" 2>"$work/err" | jq -r .code)
    stk link --oracle "${url/127.0.0.1/localhost}" --code "$code" --keypair "$work/$member.json" >/dev/null
  done
  kill "$server"
  wait "$server" || fail 'stk-oracle serve did not end well'
}

for name in mint admin guardian oracle-1 oracle-2 oracle-3 anna boris; do keypair "$name"; done
if [ -n "${STK_KEYPAIR:-}" ]; then
  install -m 600 "$STK_KEYPAIR" "$work/payer.json"
else
  keypair payer
fi
[ -n "${STK_URL:-}" ] || start_validator
STK_MINT=$(address mint)
export STK_MINT
until_done rpc getHealth '[]' >/dev/null
rpc getAccountInfo "[\"$PROGRAM\",{\"encoding\":\"base64\",\"dataSlice\":{\"offset\":0,\"length\":0}}]" |
  jq --exit-status .value.executable >/dev/null || fail "the node has no program $PROGRAM"
give_sol
until_done has_sol
export STK_KEYPAIR=$work/payer.json

write_community
stk init --create-mint --mint-keypair "$work/mint.json" --decimals 6 --admin "$(address admin)" \
  --guardian "$(address guardian)" --oracle "$(address oracle-1)" --oracle "$(address oracle-2)" \
  --oracle "$(address oracle-3)" --threshold 2 --challenge 5s --timelock 5s --start-at "$start_at" \
  --epoch 1d --budget 1000 --supply-cap 1_000_000 --commitment finalized >/dev/null
oracle import events.jsonl >/dev/null
link_wallets

echo '== the first epoch, step by step' >&2
total=$(oracle epoch close --epoch 1 | jq -r '.epochs[0].cumulative_total')
for key in oracle-1 oracle-2; do
  oracle epoch sign --epoch 1 --oracle-set-version 1 --keypair "$key.json" >/dev/null
done
equal 'installed' "$(later_done epoch submit | jq -r .finalized)" true
equal 'members paid' "$(oracle epoch claim | jq -r .members)" 2
equal 'supply' "$(supply)" "$total"
equal 'balances' "$(($(balance anna) + $(balance boris)))" "$total"
again=$(oracle epoch claim)
equal 'members paid by a second claim' "$(jq -r .members <<<"$again")" 0
equal 'its fees' "$(jq -r .fee_lamports <<<"$again")" 0

echo '== the second epoch, by the daemon' >&2
code=0
oracle run --once >/dev/null 2>"$work/err" || code=$?
equal 'exit code while a signature is missing' "$code" "$LATER"
oracle epoch sign --epoch 2 --oracle-set-version 1 --keypair oracle-3.json >/dev/null
equal 'phase' "$(later_done run --once | jq -r .phase)" idle
status=$(oracle epoch status)
total=$(jq -r .bundle.cumulative_total <<<"$status")
equal 'state' "$(jq -r .state <<<"$status")" finalized
equal 'supply' "$(supply)" "$total"
equal 'balances' "$(($(balance anna) + $(balance boris)))" "$total"
echo "two epochs are paid, $(jq -r .spent_lamports <<<"$status") lamports for the second one" >&2
