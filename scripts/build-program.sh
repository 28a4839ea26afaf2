#!/usr/bin/env bash
# Builds the on-chain program, and the one it is measured against, to SBF artifacts from packages
# alone: Debian's Rust 1.96 and LLVM 22, and sbpf-linker by cargo. No Solana installer is needed.
#
#   scripts/build-program.sh           build, and put the artifacts where the workspace embeds them
#   scripts/build-program.sh --check   build, and fail unless the committed artifacts are identical
#   scripts/build-program.sh --arch v3 --out FILE   build another SBPF version of the program elsewhere
#
# `anchor build` and `cargo build-sbf` build the same source for those who have them; nothing here
# leaks into the program. Why each flag: docs/sbf-build.md.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/.."
root=$PWD

# Each program's package, and the folder of its artifact and of the record of its build.
declare -A ARTIFACTS=([system-token]=crates/chain/artifact [claim-pda]=tests/artifact)
# How much of each is inlined, as the linker is told.
declare -A INLINING=(
  [system-token]='--llvm-args=--inline-threshold=225 --llvm-args=--unroll-threshold=40'
  [claim-pda]='--ignore-inline-never --llvm-args=--inline-threshold=100000'
)
readonly LINKER_VERSION=0.2.6
readonly LLVM=/usr/lib/llvm-22
readonly PACKAGES=(cargo-web libpolly-22-dev libzstd-dev llvm-22-dev python3 rust-web-src rustc-web zlib1g-dev)
readonly CACHE=${SYSTEM_TOKEN_CACHE:-$HOME/.cache/system-token}/sbf

check=false arch=v0 out=
while [ $# -gt 0 ]; do
  case $1 in
    --check) check=true ;;
    --arch) arch=${2:?--arch needs v0 or v3}; shift ;;
    --out) out=${2:?--out needs a file}; shift ;;
    *) echo "build-program.sh: unknown option $1; see the head of this file" >&2; exit 2 ;;
  esac
  shift
done
case $arch in v0) cpu=v2 ;; v3) cpu=v3 ;; *) echo "build-program.sh: --arch is v0 or v3" >&2; exit 2 ;; esac

# shellcheck source=scripts/debian.sh
source scripts/debian.sh
install_debian "${PACKAGES[@]}"
mkdir -p "$CACHE"

# The linker, once for each version.
linker=$CACHE/sbpf-linker-$LINKER_VERSION/bin/sbpf-linker
if [ ! -x "$linker" ]; then
  echo "building sbpf-linker $LINKER_VERSION (about 2 minutes) …" >&2
  LLVM_SYS_221_PREFIX=$LLVM RUSTFLAGS="-L $LLVM/lib" CARGO_TARGET_DIR=$CACHE/sbpf-linker-target \
    cargo install sbpf-linker --quiet --version "$LINKER_VERSION" --locked --no-default-features \
    --features bpf-linker/llvm-22 --root "$CACHE/sbpf-linker-$LINKER_VERSION" >&2
  rm -rf "$CACHE/sbpf-linker-target"
fi

compiler=$(/usr/bin/rustc --version)
for folder in "${ARTIFACTS[@]}"; do
  recorded=$(sed -n 's/^compiler: //p' "$folder/build.txt" 2>/dev/null || true)
  if $check && [ "$compiler" != "$recorded" ]; then
    echo "build-program.sh: $folder was built by '$recorded', this machine has '$compiler':" >&2
    echo "  run scripts/build-program.sh, run the tests, and commit what it writes" >&2
    exit 1
  fi
done

work=$CACHE/work; mkdir -p "$work"

# A target that every Solana crate takes for the chain.
/usr/bin/env RUSTC_BOOTSTRAP=1 /usr/bin/rustc -Zunstable-options --print target-spec-json \
    --target bpfel-unknown-none |
  python3 -c '
import json, sys
spec = json.load(sys.stdin)
spec.pop("metadata", None)
spec.update({"os": "solana", "atomic-cas": True, "min-atomic-width": 8})
json.dump(spec, sys.stdout, indent=2, sort_keys=True)' >"$work/sbf-solana.json"

# The standard library, with Solana beside the zkVM it resembles: no OS, one thread.
library=$CACHE/library-$(dpkg-query -W -f '${Version}' rust-web-src | tr -c 'a-zA-Z0-9.\n' _)
if [ ! -d "$library" ]; then
  rm -rf "$library.part"
  cp -rL /usr/lib/rustlib/src/rust/library "$library.part"
  grep -rl --include='*.rs' 'target_os = "zkvm"' "$library.part/std" |
    xargs sed -i 's/target_os = "zkvm"/any(target_os = "zkvm", target_os = "solana")/g'
  sed -i 's/target_arch = "x86_64",/target_arch = "x86_64", target_arch = "bpf",/' \
    "$library.part/std/src/sys/alloc/mod.rs"
  mv "$library.part" "$library"
fi

# Dependencies that are cdylibs too are not ours to link.
cat >"$work/link.sh" <<WRAPPER
#!/bin/sh
for arg; do case \$previous in -o) output=\$arg ;; esac; previous=\$arg; done
case \$output in
  */libsystem_token.so | */libclaim_pda.so) exec env LD_LIBRARY_PATH=$LLVM/lib "$linker" "\$@" ;;
  *) : >"\$output" ;;
esac
WRAPPER
chmod +x "$work/link.sh"

flags=(-C "target-cpu=$cpu" -Zunstable-options -Cpanic=immediate-abort -C passes=lower-atomic
  -C llvm-args=--unroll-threshold=40 -C target-feature=+allows-misaligned-mem-access
  -C linker="$work/link.sh"
  --remap-path-prefix="$root=." --remap-path-prefix="${CARGO_HOME:-$HOME/.cargo}=cargo"
  --remap-path-prefix="$library=std")
for arg in "--arch=$arch" --disable-math-builtins --export=memcpy,memset,memmove,memcmp \
    --llvm-args=--bpf-stack-size=4096 \
    --llvm-args=--disable-movsx --llvm-args=--disable-ldsx; do
  flags+=(-C "link-arg=$arg")
done

target=$CACHE/target-$arch

# Builds a program and says where its artifact is.
build() {
  local package=$1 built=$target/sbf-solana/release/lib${1//-/_}.so inlining=() arg
  for arg in ${INLINING[$package]}; do inlining+=(-C "link-arg=$arg"); done
  echo "building $package for SBPF $arch with $compiler …" >&2
  (cd programs &&
    env -u RUSTUP_TOOLCHAIN -u CARGO_BUILD_TARGET \
      CARGO_ENCODED_RUSTFLAGS="$(IFS=$'\x1f'; echo "${flags[*]}")" \
      CARGO_TARGET_DIR="$target" RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 \
      RUSTC_BOOTSTRAP_SYNTHETIC_TARGET=1 __CARGO_TESTS_ONLY_SRC_ROOT="$library" \
      /usr/bin/cargo rustc --quiet --release --locked -p "$package" --lib \
      --target "$work/sbf-solana.json" -Zjson-target-spec -Zbuild-std=core,alloc,std \
      -Zbuild-std-features=compiler-builtins-mem -- "${inlining[@]}" >&2)
  echo "built $(stat -c %s "$built") bytes, sha256 $(sha256sum "$built" | cut -d' ' -f1)" >&2
  echo "$built"
}

if [ -n "$out" ]; then
  cp "$(build system-token)" "$out"
  exit
fi

for package in "${!ARTIFACTS[@]}"; do
  artifact=${ARTIFACTS[$package]}/${package//-/_}.so
  built=$(build "$package")
  if ! $check; then
    mkdir -p "${ARTIFACTS[$package]}"
    cp "$built" "$artifact"
    printf 'compiler: %s\nlinker: sbpf-linker %s\narch: %s\nbytes: %s\nsha256: %s\n' \
      "$compiler" "$LINKER_VERSION" "$arch" "$(stat -c %s "$built")" \
      "$(sha256sum "$built" | cut -d' ' -f1)" >"${ARTIFACTS[$package]}/build.txt"
  elif ! cmp -s "$built" "$artifact"; then
    echo "build-program.sh: $artifact is not what the source builds to:" >&2
    echo "  run scripts/build-program.sh and commit what it writes" >&2
    exit 1
  else
    echo "$artifact is byte for byte what the source builds to" >&2
  fi
done
