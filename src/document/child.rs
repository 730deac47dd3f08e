//! What a child of this binary does with a document: it limits itself, then works on its standard input.
//!
//! It promises: memory, time and output are bounded; there is no network, no other process and no file but what a
//! converter needs to run, so not the journal either; what is wrong is said in one line on standard error.
//! Deliberately absent: the parent's side (`convert`).

use std::{
    fs::File,
    io::{self, BufReader, BufWriter, Read, Seek},
    os::{fd::AsFd, unix::process::CommandExt},
    path::{Path, PathBuf},
    sync::Arc,
};

use landlock::{
    ABI, Access, AccessFs, AccessNet, Ruleset, RulesetAttr, RulesetCreatedAttr, Scope,
    path_beneath_rules,
};
use rustix::process::{Resource, Rlimit, setrlimit};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};

use super::{
    cut, draw,
    plain::{count_pages, make_plain},
};
use crate::model::DocumentWork;

/// The exit code of a child that could not become the converter.
pub const CANNOT_BECOME: i32 = 126;
/// What a line of warning begins with.
pub const WARNING: &str = "missing: ";
/// What the line with the number of pages begins with.
pub const PAGES: &str = "pages: ";

/// What a child is for.
#[derive(Clone, Debug)]
pub enum Errand {
    /// Make an XPS package plain.
    MakePlain,
    /// Count the pages.
    CountPages,
    /// Keep pages, repeat them, or draw them.
    Prepare(DocumentWork),
    /// Become a program.
    Become(Vec<String>),
}

/// Limits this process and does the errand. The result is a line for standard error and an exit code.
///
/// `limits` are address space in octets, CPU time in seconds, and the longest output in octets.
pub fn run(limits: [u64; 3], errand: Errand) -> (String, i32) {
    let readable = match &errand {
        Errand::Become(command) => what_programs_read(command),
        _ => Vec::new(),
    };
    let confined = limit(limits).and_then(|()| confine(&readable)).and_then(|()| filter_calls());
    if let Err(sentence) = confined {
        return (sentence, CANNOT_BECOME);
    }
    match errand {
        Errand::MakePlain => said(plain()),
        Errand::CountPages => said(count()),
        Errand::Prepare(work) => said(prepare(&work)),
        Errand::Become(command) => become_program(&command),
    }
}

/// Lines for the parent, and the exit code.
fn said(result: Result<Vec<String>, String>) -> (String, i32) {
    match result {
        Ok(lines) => (lines.concat(), 0),
        Err(sentence) => (sentence, 1),
    }
}

fn warnings(missing: Vec<String>) -> Vec<String> {
    missing.into_iter().map(|one| format!("{WARNING}{one}\n")).collect()
}

fn limit([memory, seconds, output]: [u64; 3]) -> Result<(), String> {
    // A process at its last second of time is told by a signal of its own; one past it is killed without a word.
    let rows = [
        (Resource::As, memory, memory),
        (Resource::Cpu, seconds, seconds + 1),
        (Resource::Fsize, output, output),
        (Resource::Nofile, 64, 64),
        (Resource::Core, 0, 0),
    ];
    for (resource, current, maximum) in rows {
        let limit = Rlimit { current: Some(current), maximum: Some(maximum) };
        setrlimit(resource, limit).map_err(|error| format!("limit {resource:?}: {error}"))?;
    }
    Ok(())
}

/// What a converter needs to run: programs, libraries, fonts, and the folder that it is in.
fn what_programs_read(command: &[String]) -> Vec<PathBuf> {
    const SYSTEM: [&str; 9] = [
        "/usr",
        "/bin",
        "/lib",
        "/lib64",
        "/etc/fonts",
        "/etc/ld.so.cache",
        "/etc/alternatives",
        "/var/cache/fontconfig",
        "/dev/urandom",
    ];
    let own = command.first().map(Path::new).filter(|path| path.is_absolute());
    let own = own.and_then(Path::parent).map(Path::to_owned);
    SYSTEM.iter().map(PathBuf::from).chain(own).collect()
}

/// No file but these, no TCP, no signal to others: by Landlock, as far as the kernel has it. The document and its
/// result are files in memory, which it does not touch.
fn confine(readable: &[PathBuf]) -> Result<(), String> {
    let confine = || {
        let abi = ABI::V6;
        Ruleset::default()
            .handle_access(AccessFs::from_all(abi))?
            .handle_access(AccessNet::from_all(abi))?
            .scope(Scope::from_all(abi))?
            .create()?
            .add_rules(path_beneath_rules(readable, AccessFs::from_read(abi)))?
            .add_rules(path_beneath_rules(["/dev/null"], AccessFs::from_file(abi)))?
            .restrict_self()
    };
    confine().map(drop).map_err(|error| format!("confine: {error}"))
}

/// No network of any kind, and nothing that reaches into other processes or the kernel, by seccomp.
fn filter_calls() -> Result<(), String> {
    const DENIED: [libc::c_long; 30] = [
        libc::SYS_socket,
        libc::SYS_socketpair,
        libc::SYS_connect,
        libc::SYS_bind,
        libc::SYS_listen,
        libc::SYS_accept4,
        libc::SYS_sendto,
        libc::SYS_sendmsg,
        libc::SYS_io_uring_setup,
        libc::SYS_io_uring_enter,
        libc::SYS_io_uring_register,
        libc::SYS_ptrace,
        libc::SYS_process_vm_readv,
        libc::SYS_process_vm_writev,
        libc::SYS_pidfd_getfd,
        libc::SYS_kcmp,
        libc::SYS_mount,
        libc::SYS_umount2,
        libc::SYS_pivot_root,
        libc::SYS_setns,
        libc::SYS_unshare,
        libc::SYS_bpf,
        libc::SYS_perf_event_open,
        libc::SYS_userfaultfd,
        libc::SYS_keyctl,
        libc::SYS_add_key,
        libc::SYS_request_key,
        libc::SYS_kexec_load,
        libc::SYS_init_module,
        libc::SYS_open_by_handle_at,
    ];
    let program = || -> Result<BpfProgram, seccompiler::BackendError> {
        let rules = DENIED.into_iter().map(|call| (call, Vec::new())).collect();
        let refuse = SeccompAction::Errno(libc::EPERM.unsigned_abs());
        let arch = std::env::consts::ARCH.try_into()?;
        SeccompFilter::new(rules, SeccompAction::Allow, refuse, arch)?.try_into()
    };
    let program = program().map_err(|error| format!("seccomp: {error}"))?;
    seccompiler::apply_filter(&program).map_err(|error| format!("seccomp: {error}"))
}

/// An open file as our own.
fn file(of: impl AsFd) -> io::Result<File> {
    of.as_fd().try_clone_to_owned().map(File::from)
}

/// The package at standard input, plain, to standard output. The result is its number of pages, and what is missing.
fn plain() -> Result<Vec<String>, String> {
    let open = |error: io::Error| format!("open the document: {error}");
    let input = BufReader::new(file(io::stdin()).map_err(open)?);
    let output = BufWriter::new(file(io::stdout()).map_err(open)?);
    let plain = make_plain(input, output)?;
    Ok([vec![format!("{PAGES}{}\n", plain.n_pages)], warnings(plain.missing)].concat())
}

/// The number of pages of the package or the PDF at standard input.
fn count() -> Result<Vec<String>, String> {
    let document = document()?;
    let n_pages = if document.starts_with(b"PK") {
        count_pages(io::Cursor::new(document))?
    } else {
        cut::count_pages(&document)?
    };
    Ok(vec![format!("{PAGES}{n_pages}\n")])
}

/// The document at standard input.
fn document() -> Result<Vec<u8>, String> {
    let in_words = |error: io::Error| format!("read the document: {error}");
    let mut input = file(io::stdin()).map_err(in_words)?;
    let length = input.seek(io::SeekFrom::End(0)).map_err(in_words)?;
    input.rewind().map_err(in_words)?;
    let mut document = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
    input.read_to_end(&mut document).map_err(in_words)?;
    Ok(document)
}

/// Standard input, worked on, to standard output. The result is what is missing in it.
fn prepare(work: &DocumentWork) -> Result<Vec<String>, String> {
    let document = document()?;
    let output = file(io::stdout()).map_err(|error| format!("write the document: {error}"))?;
    let mut output = BufWriter::new(output);
    let missing = match &work.drawing {
        Some(drawing) => draw::draw(Arc::new(document), work, drawing, &mut output)?,
        None => cut::cut(&document, work, &mut output).map(|()| Vec::new())?,
    };
    Ok(warnings(missing))
}

/// Becomes the program. It returns only if that fails.
fn become_program(command: &[String]) -> (String, i32) {
    let Some((program, arguments)) = command.split_first() else {
        return ("the converter's command is empty".to_owned(), CANNOT_BECOME);
    };
    let error = std::process::Command::new(program).args(arguments).exec();
    (format!("{program}: {error}"), CANNOT_BECOME)
}
