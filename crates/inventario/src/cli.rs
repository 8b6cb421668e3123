//! The command line: one file a command.
//!
//! **Invariant:** a command exits 0 when it did what it says, 1 when it was
//! refused or failed, 2 when it was called wrongly; what went wrong is one
//! sentence with its remedy on stderr, and stdout holds only the answer.

mod changepassword;
mod check;
mod config;
mod cost;
mod createmember;
mod createshop;
mod createsuperuser;
mod demo;
mod generate_secret_key;
mod import;
mod lines;
mod mailbox;
mod migrate;
mod person;
mod quote;
mod routes;
mod serve;
mod settings;
mod verify;
mod version;

use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

/// Inventory and point of sale for small shops.
#[derive(Debug, Parser)]
#[command(name = "inventario", version, arg_required_else_help = false)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Serve),
    Demo(demo::Demo),
    Migrate(migrate::Migrate),
    Verify(verify::Verify),
    #[command(name = "createsuperuser")]
    CreateSuperuser(createsuperuser::CreateSuperuser),
    #[command(name = "createshop")]
    CreateShop(createshop::CreateShop),
    #[command(name = "createmember")]
    CreateMember(createmember::CreateMember),
    #[command(name = "changepassword")]
    ChangePassword(changepassword::ChangePassword),
    Mailbox(mailbox::Mailbox),
    Routes(routes::Routes),
    Check(check::Check),
    Config(config::Config),
    GenerateSecretKey(generate_secret_key::GenerateSecretKey),
    Import(import::Import),
    Quote(quote::Quote),
    Cost(cost::Cost),
    Version(version::Version),
}

/// Why a command did not do what it says.
#[derive(Debug)]
pub enum Failure {
    /// The sentence for stderr.
    Refused(String),
    /// Everything has been said already.
    Said,
    /// Writing the answer failed.
    Output(io::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// Runs the command of this process.
pub fn run() -> ExitCode {
    let outcome = match Cli::parse().command {
        None => Cli::command().print_help().map_err(Failure::from),
        Some(Command::Serve(command)) => command.run(),
        Some(Command::Demo(command)) => command.run(),
        Some(Command::Migrate(command)) => command.run(),
        Some(Command::CreateSuperuser(command)) => command.run(),
        Some(Command::CreateShop(command)) => command.run(),
        Some(Command::CreateMember(command)) => command.run(),
        Some(Command::ChangePassword(command)) => command.run(),
        Some(Command::Mailbox(command)) => command.run(),
        Some(Command::Routes(command)) => command.run(),
        Some(Command::Check(command)) => command.run(),
        Some(Command::Config(command)) => command.run(),
        Some(Command::GenerateSecretKey(command)) => command.run(),
        Some(Command::Import(command)) => command.run(),
        Some(Command::Quote(command)) => command.run(),
        Some(Command::Cost(command)) => command.run(),
        Some(Command::Verify(command)) => command.run(),
        Some(Command::Version(command)) => command.run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads our output has seen enough, as `head` does: no failure.
        Err(Failure::Output(error)) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(Failure::Output(error)) => say(&format!("cannot write the answer: {error}")),
        Err(Failure::Refused(sentence)) => say(&sentence),
        Err(Failure::Said) => ExitCode::FAILURE,
    }
}

fn say(sentence: &str) -> ExitCode {
    // With stderr closed there is nobody left to tell; the exit code still says it.
    let _ = writeln!(io::stderr(), "inventario: {sentence}");
    ExitCode::FAILURE
}
