//! How a mint is created: of SPL Token, or of Token-2022 when it keeps a name or its tokens stay.

use solana_address::Address;
use solana_instruction::Instruction;
use spl_token_2022_interface::extension::{ExtensionType, metadata_pointer};
use spl_token_2022_interface::instruction as token_2022;
use spl_token_2022_interface::state::Mint;
use spl_token_metadata_interface::instruction as token_metadata;

use super::InitArguments;
use super::arguments::MintExtensions;
use crate::signer::Signer;

const FITS: &str = "arguments that the token program takes";

/// A mint that the transaction creates.
pub(super) struct NewMint {
    /// Its own key.
    pub(super) keypair: Signer,
    /// Rent of its account, lamports.
    pub(super) rent_lamports: u64,
    decimals: u8,
    extensions: MintExtensions,
    metadata_authority: Address,
}

impl NewMint {
    /// A mint as it was asked for, its rent not yet known.
    pub(super) fn new(keypair: Signer, arguments: &InitArguments) -> Self {
        Self {
            keypair,
            rent_lamports: 0,
            decimals: arguments.decimals,
            extensions: arguments.extensions.clone(),
            metadata_authority: arguments.admin(),
        }
    }

    /// SPL Token, or Token-2022 when the mint has extensions.
    pub(super) fn token_program(&self) -> Address {
        if self.extension_types().is_empty() {
            spl_token_interface::ID
        } else {
            spl_token_2022_interface::ID
        }
    }

    fn extension_types(&self) -> Vec<ExtensionType> {
        let pointer = self.extensions.name.as_ref().map(|_| ExtensionType::MetadataPointer);
        let bound = self.extensions.non_transferable.then_some(ExtensionType::NonTransferable);
        pointer.into_iter().chain(bound).collect()
    }

    /// Length with which the account is created, bytes: the metadata makes it grow.
    fn len(&self) -> usize {
        ExtensionType::try_calculate_account_len::<Mint>(&self.extension_types()).expect(FITS)
    }

    /// Length of the account in the end, bytes.
    pub(super) fn final_len(&self) -> usize {
        self.len() + self.metadata_len()
    }

    /// type u16, length u16, authority, mint, three strings and an empty list, each with a u32.
    fn metadata_len(&self) -> usize {
        let MintExtensions { name, symbol, uri, .. } = &self.extensions;
        let strings = [name, symbol, uri];
        match name {
            None => 0,
            Some(_) => {
                4 + 64 + 4 * 4 + strings.into_iter().flatten().map(String::len).sum::<usize>()
            }
        }
    }

    /// What creates the mint, in order.
    pub(super) fn instructions(&self, payer: &Address, authority: &Address) -> Vec<Instruction> {
        let (program, mint) = (self.token_program(), self.keypair.address());
        let admin = self.metadata_authority;
        let mut instructions = vec![solana_system_interface::instruction::create_account(
            payer,
            &mint,
            self.rent_lamports,
            u64::try_from(self.len()).expect(FITS),
            &program,
        )];
        if self.extensions.name.is_some() {
            let pointer =
                metadata_pointer::instruction::initialize(&program, &mint, Some(admin), Some(mint));
            instructions.push(pointer.expect(FITS));
        }
        if self.extensions.non_transferable {
            let bound = token_2022::initialize_non_transferable_mint(&program, &mint);
            instructions.push(bound.expect(FITS));
        }
        let initialize =
            token_2022::initialize_mint2(&program, &mint, authority, None, self.decimals);
        instructions.push(initialize.expect(FITS));
        instructions.extend(self.metadata_instruction(&program, &mint, authority));
        instructions
    }

    fn metadata_instruction(
        &self,
        program: &Address,
        mint: &Address,
        authority: &Address,
    ) -> Option<Instruction> {
        let MintExtensions { name, symbol, uri, .. } = self.extensions.clone();
        let (name, symbol, uri) = (name?, symbol?, uri?);
        let admin = self.metadata_authority;
        Some(token_metadata::initialize(program, mint, &admin, mint, authority, name, symbol, uri))
    }
}
