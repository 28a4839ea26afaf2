//! Proposals that are over: their rent comes back to who paid it.

use system_token_chain::{Chain, DataFilter};
use system_token_interface::{Distribution, PROGRAM_ID, Proposal, instructions};

use super::{Purpose, SendError, Sender, Submitter};

/// Where in a proposal's account the distribution is; who paid its rent comes next.
const DISTRIBUTION_OFFSET: usize = 8;

impl<S: Sender> Submitter<S> {
    /// Closes the proposals that can never be attested again and whose rent was paid by our payer; gives
    /// how many, and the lamports that came back.
    ///
    /// # Errors
    /// [`SendError`] when the chain cannot be read or refuses.
    pub async fn close_proposals(&self) -> Result<(u64, u64), SendError> {
        let ours = [self.distribution.to_bytes(), self.sender.payer().to_bytes()].concat();
        let filter = DataFilter { offset: DISTRIBUTION_OFFSET, bytes: ours };
        let accounts = self.chain().get_program_accounts(&PROGRAM_ID, &[filter]).await?;
        let distribution = self.distribution().await?;
        let (mut closed, mut lamports) = (0, 0);
        for (_, account) in accounts {
            let Ok(proposal) = Proposal::from_account_data(&account.data) else { continue };
            if !is_over(proposal, &distribution) {
                continue;
            }
            let payer = self.sender.payer();
            let close = instructions::close_proposal(&self.distribution, &proposal.digest, &payer);
            self.send(Purpose::Accounts, &[close], &[], &[]).await?;
            closed += 1;
            lamports += account.lamports;
        }
        Ok((closed, lamports))
    }
}

/// Whether a proposal can never be attested again.
fn is_over(proposal: &Proposal, distribution: &Distribution) -> bool {
    proposal.epoch.get() <= distribution.epoch.get()
        || proposal.oracle_set_version != distribution.oracle_set_version
}
