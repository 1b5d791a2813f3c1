/// Seeds of signals that training never sees, one purpose each; derived from the run's seed, never equal to it.
package enum HeldOutSeed {
    package static func watching(_ seed: UInt64) -> UInt64 { seed ^ 0x5EED_0000_0000_0001 }
    package static func calibration(_ seed: UInt64) -> UInt64 { seed ^ 0x5EED_0000_0000_0002 }
    package static func comparison(_ seed: UInt64) -> UInt64 { seed ^ 0x5EED_0000_0000_0003 }
    package static func selfTest(_ seed: UInt64) -> UInt64 { seed ^ 0x5EED_0000_0000_0004 }
}
