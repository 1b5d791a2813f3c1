import ArgumentParser

/// Which times replayed samples carry.
enum ReplayTimes: String, CaseIterable, ExpressibleByArgument {
    /// Those of the recording.
    case original
    /// Those of the recording, shifted so that the last one is the time at which it is sent.
    case now
    /// The time at which each is sent.
    case sent
}
