//! Signatures made by wallets' own libraries, which scripts/wallet-clients.sh installs.

use std::path::PathBuf;
use std::process::Command;

use solana_signer::Signer;

use super::town::{Town, key};

/// Where the libraries are installed.
fn clients() -> PathBuf {
    let cache = std::env::var_os("SYSTEM_TOKEN_CACHE").map_or_else(
        || PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cache/system-token"),
        PathBuf::from,
    );
    let clients = cache.join("wallet-clients");
    assert!(clients.exists(), "{} is missing: scripts/wallet-clients.sh", clients.display());
    clients
}

/// What makes PyNaCl sign. It is given the secret's hexadecimal digits and the message, and prints address
/// and signature in base58.
pub(crate) fn pynacl() -> Command {
    let python = clients().join("python/bin/python");
    let script = "import sys, nacl.signing, base58\n\
                  key = nacl.signing.SigningKey(bytes.fromhex(sys.argv[1]))\n\
                  signature = key.sign(sys.argv[2].encode()).signature\n\
                  text = lambda part: base58.b58encode(part).decode()\n\
                  print(text(bytes(key.verify_key)), text(signature))";
    let mut command = Command::new(python);
    command.args(["-c", script]);
    command
}

/// What makes @solana/kit sign, likewise.
pub(crate) fn solana_kit() -> Command {
    let folder = clients().join("node");
    let script = "import { createKeyPairSignerFromPrivateKeyBytes, createSignableMessage, \
                  getBase58Decoder } from '@solana/kit';\n\
                  const [secret, text] = process.argv.slice(1);\n\
                  const bytes = Uint8Array.from(Buffer.from(secret, 'hex'));\n\
                  const signer = await createKeyPairSignerFromPrivateKeyBytes(bytes);\n\
                  const [signed] = await signer.signMessages([createSignableMessage(text)]);\n\
                  console.log(signer.address, getBase58Decoder().decode(signed[signer.address]));";
    let mut node = Command::new("node");
    node.current_dir(folder).args(["--input-type=module", "--eval", script, "--"]);
    node
}

/// The signature that a library makes over a message with the key of a number, base58.
pub(crate) fn signature_by(mut library: Command, number: u8, message: &str) -> String {
    let secret: String = [number; 32].iter().map(|byte| format!("{byte:02x}")).collect();
    let output = library.args([&secret, message]).output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let (address, signature) = printed.trim().split_once(' ').unwrap();
    assert_eq!(address, key(number).pubkey().to_string());
    signature.to_owned()
}

/// Links a wallet with the signature that a library makes.
async fn link_with(library: Command, number: u8) {
    let town = Town::new().await;
    let challenge = town.challenge(0, &key(number)).await;
    let signature = signature_by(library, number, &challenge.message);
    let linked = town.linking.link(&challenge.nonce, &signature).await.unwrap();
    assert_eq!(linked.wallet, key(number).pubkey());
}

#[tokio::test]
async fn pynacl_signs_what_we_verify() {
    link_with(pynacl(), 21).await;
}

#[tokio::test]
async fn solana_kit_signs_what_we_verify() {
    link_with(solana_kit(), 22).await;
}
