//! Both designs side by side, per member; ratios are of integers, rounded down.

use super::{BATCH, ChainCosts, MEMBERS};

/// Weekly epochs of a year.
const YEAR_EPOCHS: u64 = 52;

/// One thing that both designs pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// What is paid, with its unit.
    pub what: &'static str,
    /// What this program pays.
    pub ours: u64,
    /// What the peers' design pays.
    pub peers: u64,
}

impl Comparison {
    /// How many times as much the peers' design pays, in tenths, rounded down; `None` when this
    /// program pays nothing.
    pub fn ratio_tenths(&self) -> Option<u64> {
        (self.peers * 10).checked_div(self.ours)
    }

    /// The row of a Markdown table: what | ours | peers | ratio.
    pub fn row(&self) -> String {
        let ratio = self
            .ratio_tenths()
            .map_or_else(|| "–".to_owned(), |tenths| format!("{}.{}×", tenths / 10, tenths % 10));
        format!("| {} | {} | {} | {ratio} |", self.what, self.ours, self.peers)
    }
}

impl ChainCosts {
    /// Both designs side by side.
    pub fn comparison(&self) -> [Comparison; 10] {
        let peer = &self.peer;
        let year = |per_epoch: u64, once: u64| YEAR_EPOCHS * per_epoch + once;
        let of = |what, ours, peers| Comparison { what, ours, peers };
        let members = u64::from(MEMBERS);
        [
            of("compute units", self.claim_32_cu_per_member, peer.cu_per_member),
            of("compute units of a member who claims alone", self.claim_1_cu, peer.cu_per_member),
            of(
                "transaction bytes",
                (self.claim_32_bytes as u64).div_ceil(u64::from(BATCH)),
                peer.bytes as u64,
            ),
            of(
                "transaction bytes of a member who claims alone, without a lookup table",
                self.claim_1_bytes as u64,
                peer.no_table_bytes as u64,
            ),
            of(
                "transactions for all members",
                members / u64::from(BATCH),
                members / peer.members_per_transaction,
            ),
            of(
                "fees of an epoch, lamports",
                self.lamports_per_member_per_epoch,
                peer.lamports_per_member_per_epoch,
            ),
            of("rent of an epoch, lamports", 0, peer.rent_per_member_per_epoch),
            of("rent once, lamports", self.lamports_per_member_once, 0),
            of(
                "fees and rent of 52 epochs, lamports",
                year(self.lamports_per_member_per_epoch, self.lamports_per_member_once),
                year(peer.lamports_per_member_per_epoch + peer.rent_per_member_per_epoch, 0),
            ),
            of("program, bytes in all", self.program_bytes as u64, peer.program_bytes as u64),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::Comparison;

    #[test]
    fn a_ratio_is_rounded_down_to_a_tenth() {
        let row = |ours, peers| Comparison { what: "units", ours, peers }.row();
        assert_eq!(row(0, 7), "| units | 0 | 7 | – |");
        assert_eq!(row(3, 0), "| units | 3 | 0 | 0.0× |");
        assert_eq!(row(3, 2), "| units | 3 | 2 | 0.6× |");
        assert_eq!(row(10, 129), "| units | 10 | 129 | 12.9× |");
    }
}
