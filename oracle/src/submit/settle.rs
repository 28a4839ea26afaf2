//! Takes a signed epoch as far as the chain lets it go: signatures sent, then installed.
//!
//! Every step is read from the chain first, so it is sound to repeat, and for several oracles at once.

use system_token_attestation::Attestation;
use system_token_interface::Distribution;
use system_token_interface::instructions::OracleSignature;

use super::{SendError, Sender, Standing, Submitter};

/// Signatures in one transaction: so many fit its bytes.
const SIGNATURES_PER_TRANSACTION: usize = 4;

impl<S: Sender> Submitter<S> {
    /// Sends the signatures that are missing, as far as the threshold needs them, and installs the epoch
    /// when its window is over. Each signature is one over the attestation.
    ///
    /// # Errors
    /// [`SendError`] when the chain cannot be read or refuses a transaction.
    pub async fn settle(
        &self,
        attestation: &Attestation,
        signatures: &[OracleSignature],
    ) -> Result<Standing, SendError> {
        let distribution = self.distribution().await?;
        let mut standing = Standing::read_for(self.chain(), &distribution, attestation).await?;
        if let Standing::Collecting { signed, .. } = standing {
            for part in
                missing(&distribution, signed, signatures).chunks(SIGNATURES_PER_TRANSACTION)
            {
                self.attest(attestation, part).await?;
            }
            standing = Standing::read_for(self.chain(), &distribution, attestation).await?;
        }
        if standing == Standing::Ready {
            self.finalize(&attestation.digest()).await?;
            standing = Standing::Finalized;
        }
        Ok(standing)
    }
}

/// Signatures of oracles of the set who have not signed on chain, as many as the threshold needs.
fn missing(
    distribution: &Distribution,
    signed: u16,
    signatures: &[OracleSignature],
) -> Vec<OracleSignature> {
    let needed = u32::from(distribution.threshold).saturating_sub(signed.count_ones());
    let set = distribution.oracle_set().enumerate();
    let unsigned = set.filter(|(place, _)| signed & (1 << place) == 0);
    let found = unsigned.filter_map(|(_, oracle)| {
        signatures.iter().find(|signature| signature.oracle == oracle).copied()
    });
    found.take(needed as usize).collect()
}
