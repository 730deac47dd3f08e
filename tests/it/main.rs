//! The integration tests: real processes, real printers, an unkind cloud. One binary, to link once.
//!
//! Each file is about one theme; `world` starts what they need and ends it.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test tells its seed, what it skipped, and where its log is"
)]

mod browser;
mod bundle;
mod burst;
mod clients;
mod clock;
mod commands;
mod configurations;
mod contract;
mod crash;
mod crash_points;
mod cupsd;
mod deadlines;
mod debian;
mod delegates;
mod demo;
mod directory;
mod disk;
mod doclint;
mod doctor;
mod doubt;
mod hostile;
mod ippeveprinter;
mod kiosk;
mod kiosk_events;
mod logs;
mod looks;
mod manners;
mod observe;
mod offline;
mod outage;
mod oxps;
mod packages;
mod papers;
mod patience;
mod pcsc;
mod people;
mod pixels;
mod pools;
mod printers;
mod privacy;
mod proxy;
mod queues;
mod raster;
mod recording;
mod refusals;
mod release;
mod restore;
mod samples;
mod screens;
mod secrets;
mod service;
mod setup;
mod sign_in;
mod signals;
mod site;
mod soak;
mod states;
mod stations;
mod storm;
mod syncs;
mod tickets;
mod tidy;
mod two_daemons;
mod ways_in;
mod wire;
mod world;
