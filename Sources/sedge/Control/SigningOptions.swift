import ArgumentParser
import Control
import SedgeCore

/// With what an envelope is signed, and until when it counts.
struct SigningOptions: ParsableArguments {
    @Option(help: "File with the private key, as sedge keys new writes it.")
    var signingKey: String

    @Option(help: "The envelope's version (default: seconds since 1970, or one above the highest that is reported).")
    var asVersion: Int64?

    @Option(help: "Not before this many seconds from now.")
    var delay: Int64?

    @Option(help: "Not after this many seconds from now.")
    var expiresIn: Int64?

    func validate() throws {
        if let asVersion, !EnvelopeHeader.versions.contains(asVersion) {
            throw ValidationError("--as-version is \(asVersion), expected 1 to \(EnvelopeHeader.versions.upperBound)")
        }
        for (name, value) in [("delay", delay), ("expires-in", expiresIn)] {
            if let value, !(1...1_000_000_000).contains(value) {
                throw ValidationError("--\(name) is \(value), expected 1 to 1000000000 seconds")
            }
        }
    }

    /// Seconds for which nodes put off what is sent.
    var patience: Double { Double(delay ?? 0) }

    /// - Parameter highest: the highest version known of the target.
    func version(above highest: Int64 = 0, now: Timestamp = SystemTime.now()) -> Int64 {
        asVersion ?? max(highest + 1, now.milliseconds / 1000)
    }

    func stamp(_ header: inout EnvelopeHeader, now: Timestamp = SystemTime.now()) {
        header.notBefore = delay.map { now + $0 * 1_000_000 }
        header.expires = expiresIn.map { now + $0 * 1_000_000 }
    }
}
