//! Who must sign for a change, and whether the signer at hand may.

use solana_address::Address;
use system_token_chain::Chain;

use super::{AuthorityOptions, SendOptions};
use crate::failure::Refusal;
use crate::session::{Community, Session};
use crate::signer::Signer;

/// What an account is to a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Role {
    pub(crate) name: &'static str,
    pub(crate) address: Address,
}

impl Role {
    /// Names an account.
    pub(crate) fn new(name: &'static str, address: Address) -> Self {
        Self { name, address }
    }
}

/// The admin alone.
pub(crate) fn admin_of(community: &Community) -> Vec<Role> {
    vec![Role::new("admin", community.admin())]
}

/// The guardian or the admin.
pub(crate) fn guardian_or_admin_of(community: &Community) -> Vec<Role> {
    vec![Role::new("guardian", community.guardian()), Role::new("admin", community.admin())]
}

impl<C: Chain> Session<'_, '_, C> {
    /// Who signs for a change that only these may make.
    ///
    /// # Errors
    /// When the signer at hand is none of them.
    pub(crate) fn authority(
        &self,
        options: &AuthorityOptions,
        allowed: &[Role],
    ) -> anyhow::Result<Signer> {
        let signer = match (&options.authority, allowed.first()) {
            (Some(named), _) => Signer::parse(named)?,
            (None, Some(role)) if options.send.print_unsigned => Signer::Address(role.address),
            (None, _) => self.keypair()?,
        };
        if allowed.iter().any(|role| role.address == signer.address()) {
            return Ok(signer);
        }
        Err(refusal(&signer.address(), allowed).into())
    }

    /// Who pays for a transaction.
    ///
    /// # Errors
    /// When a keypair cannot be read.
    pub(crate) fn payer(
        &self,
        options: &SendOptions,
        authority: Option<&Signer>,
    ) -> anyhow::Result<Signer> {
        match (&options.fee_payer, authority) {
            (Some(named), _) => Signer::parse(named),
            // For others to sign: no key is needed here.
            (None, Some(authority)) if options.print_unsigned => {
                Ok(Signer::Address(authority.address()))
            }
            (None, _) => self.keypair(),
        }
    }
}

fn refusal(signer: &Address, allowed: &[Role]) -> Refusal {
    let message = match allowed {
        [role] => format!("the signer {signer} is not the {}, who is {}", role.name, role.address),
        _ => {
            let roles: Vec<_> =
                allowed.iter().map(|role| format!("the {} {}", role.name, role.address)).collect();
            format!("the signer {signer} is not {}", roles.join(" nor "))
        }
    };
    let address = allowed.first().map(|role| role.address).unwrap_or_default();
    let hint = format!(
        "Sign with that key: --authority <KEYPAIR>. Or print the transaction for it to sign, as a \
         multisig does: --print-unsigned --authority {address}"
    );
    Refusal::new(message, hint)
}
