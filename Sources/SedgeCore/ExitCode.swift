/// How the programs end; after BSD's sysexits(3).
package enum ExitCode: Int32, Sendable {
    case success = 0
    case usage = 64
    /// Bad data or a bad bundle.
    case data = 65
    /// The broker can not be reached.
    case unavailable = 69
    case software = 70
    case io = 74
    case configuration = 78
}
