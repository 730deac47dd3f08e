//! pullprint: open print release for Microsoft Universal Print.
//!
//! People print to one cloud queue. The cloud stops each job with a *print task*. The daemon claims the task, holds the
//! job, and when its owner is at a printer it changes the job's configuration as asked, sends the document over IPP,
//! watches it come out and reports the task done; or it aborts the job with a reason that a person understands.
//!
//! Read in this order: [`model`] has the nouns; [`flow`] decides; [`policy`] says what a queue wants; [`journal`]
//! remembers; [`graph`], [`printer`], [`document`] and [`badge`] each talk to one party and know nothing of each other;
//! [`people`] says whose a badge is; [`kiosk`] is what they see and press; [`daemon`] ties them together; [`setup`] makes what a queue needs in the cloud, and [`doctor`]
//! says what is missing; [`config`], [`telemetry`] and [`cli`] stand around it; `emulator` is a small
//! Universal Print that shares no code with the rest.

pub mod model;

pub mod flow;

pub mod policy;

pub mod journal;

pub mod graph;

pub mod printer;

pub mod document;

pub mod badge;

pub mod people;

pub mod kiosk;

pub mod daemon;

pub mod setup;

pub mod doctor;

pub mod config;

pub mod telemetry;

pub mod cli;

#[cfg(feature = "emulator")]
pub mod emulator;
