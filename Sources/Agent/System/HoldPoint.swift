import Logging

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// For tests that cut the power: `SEDGE_HOLD_AT` names a point, and what follows it never happens.
///
/// Points are a candidate's states, as soon as they are recorded, and `received` (its version is known for good and
/// nothing else), `adopted` (in the middle of a change: the pipeline has gone over, the rest has not) and `applied`
/// (the change is done, and nobody was told).
enum HoldPoint {
    static func reach(_ name: String, _ log: Logger) {
        guard let wanted = getenv("SEDGE_HOLD_AT"), String(cString: wanted) == name else { return }
        log.warning("held", metadata: ["state": "\(name)"])
        while true { pause() }
    }
}
