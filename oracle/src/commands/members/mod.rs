//! `stk-oracle members`: who the members are, and what of that an operator may change.

mod import;
mod show;

use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Opened, OutputFormat};
use crate::identity::{MemberIndex, Members, NameError, Role};
use crate::ingest::PersonalData;

/// A member is named by its index, or by one of its ids as SOURCE:ID.
#[derive(Debug, Subcommand)]
pub(super) enum MembersCommand {
    /// Read who is known under which ids: CSV or JSON lines of member, source, external_id, roles.
    Import {
        /// The file: .csv, .jsonl or .ndjson.
        file: PathBuf,
    },
    /// List everybody.
    List,
    /// Show a member's ids, roles and wallets, past ones too.
    Show {
        /// The member: an index, or SOURCE:ID.
        member: String,
    },
    /// Say that one member is another: what FROM earned and will earn is paid to INTO.
    Merge {
        /// The member that is no more: an index, or SOURCE:ID.
        from: String,
        /// The member that stays: an index, or SOURCE:ID.
        into: String,
    },
    /// Give or take a role.
    #[command(subcommand)]
    Role(RoleCommand),
    /// Say that a member is an agent, which is paid to its owner's wallet.
    Owner {
        /// The agent: an index, or SOURCE:ID.
        agent: String,
        /// Its owner: an index, or SOURCE:ID.
        owner: String,
    },
    /// Print a code with which the member can link a wallet, once: stk link.
    Code {
        /// The member: an index, or SOURCE:ID.
        member: String,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum RoleCommand {
    /// Give a role.
    Grant(RoleArguments),
    /// Take a role away; an agent becomes a member of its own.
    Revoke(RoleArguments),
}

#[derive(Args, Debug)]
pub(super) struct RoleArguments {
    /// The member: an index, or SOURCE:ID.
    member: String,
    /// One of trainee, master, curator, admin, agent.
    role: Role,
}

/// What a command prints: a sentence for people, an object for programs.
struct Answer {
    text: String,
    json: Value,
}

/// Runs a command about members.
pub(super) async fn run(opened: &Opened, command: &MembersCommand) -> anyhow::Result<()> {
    let answer = match command {
        MembersCommand::Import { file } => return import::run(opened, file).await,
        MembersCommand::List => show::list(opened).await?,
        MembersCommand::Show { member } => show::show(opened, member).await?,
        MembersCommand::Merge { from, into } => merge(opened, from, into).await?,
        MembersCommand::Role(command) => role(opened, command).await?,
        MembersCommand::Owner { agent, owner } => set_owner(opened, agent, owner).await?,
        MembersCommand::Code { member } => code(opened, member).await?,
    };
    answer.print(opened.output);
    Ok(())
}

impl Answer {
    #[expect(clippy::print_stdout, reason = "this is the command's output")]
    fn print(&self, output: OutputFormat) {
        match output {
            OutputFormat::Json => println!("{}", self.json),
            OutputFormat::Text => println!("{}", self.text),
        }
    }
}

/// The members, and the rules under which their ids were kept.
struct Directory {
    members: Members,
    personal_data: PersonalData,
}

impl Directory {
    async fn read(opened: &Opened) -> anyhow::Result<Self> {
        let members = opened.log.store().get_members().await;
        Ok(Self {
            members: members.context("failed to read the members")?,
            personal_data: opened.config.personal_data()?,
        })
    }

    fn find(&self, named: &str) -> Result<MemberIndex, NameError> {
        self.members.named(named, &self.personal_data)
    }
}

async fn merge(opened: &Opened, from: &str, into: &str) -> anyhow::Result<Answer> {
    let directory = Directory::read(opened).await?;
    let (from, into) = (directory.find(from)?, directory.find(into)?);
    let (store, now_us) = (opened.log.store(), opened.log.clock().now_us());
    let merged = store.update_members(now_us, |members| members.merge(from, into)).await;
    merged.context("failed to merge")?;
    Ok(Answer {
        text: format!("member {from} was merged into member {into}"),
        json: json!({ "from": from, "into": into }),
    })
}

async fn role(opened: &Opened, command: &RoleCommand) -> anyhow::Result<Answer> {
    let directory = Directory::read(opened).await?;
    let (store, now_us) = (opened.log.store(), opened.log.clock().now_us());
    let (RoleCommand::Grant(arguments) | RoleCommand::Revoke(arguments)) = command;
    let (member, role) = (directory.find(&arguments.member)?, arguments.role);
    let (held, changed) = match command {
        RoleCommand::Grant(_) => {
            let granted = store.update_members(now_us, |members| members.grant(member, role)).await;
            (true, granted.context("failed to give the role")?)
        }
        RoleCommand::Revoke(_) => {
            let revoked =
                store.update_members(now_us, |members| members.revoke(member, role)).await;
            revoked.context("failed to take the role away")?;
            (false, true)
        }
    };
    let text = match (held, changed) {
        (true, true) => format!("member {member} is given the role {role}"),
        (true, false) => format!("member {member} has the role {role} already"),
        (false, _) => format!("the role {role} is taken away from member {member}"),
    };
    let json = json!({ "member": member, "role": role, "held": held, "changed": changed });
    Ok(Answer { text, json })
}

async fn set_owner(opened: &Opened, agent: &str, owner: &str) -> anyhow::Result<Answer> {
    let directory = Directory::read(opened).await?;
    let (agent, owner) = (directory.find(agent)?, directory.find(owner)?);
    let (store, now_us) = (opened.log.store(), opened.log.clock().now_us());
    let owned = store.update_members(now_us, |members| members.set_owner(agent, owner)).await;
    owned.context("failed to set the owner")?;
    Ok(Answer {
        text: format!("member {agent} is an agent of member {owner}, and paid to their wallet"),
        json: json!({ "agent": agent, "owner": owner }),
    })
}

async fn code(opened: &Opened, member: &str) -> anyhow::Result<Answer> {
    let member = Directory::read(opened).await?.find(member)?;
    let linking = opened.linking()?;
    let code = linking.issue_code(member).await.context("failed to issue a code")?;
    let expires_at = Timestamp::from_microsecond(code.expires_at_us)?.to_string();
    eprintln!(
        "a code for member {member}, good once and until {expires_at}; give it to them alone"
    );
    Ok(Answer {
        text: code.reveal().to_owned(),
        json: json!({ "member": member, "code": code.reveal(), "expires_at": expires_at }),
    })
}
