import SedgeCore

/// How the configuration was found.
struct ConfigurationObservation: Equatable, Sendable {
    let path: String
    /// Why the file can not be read as a configuration; nil: it can.
    var unreadable: String?
    /// Why its parts do not go together.
    var contradiction: String?
    var node: String?
    var streamCount = 0
    /// Settings that do nothing.
    var notes: [String] = []

    init(path: String) { self.path = path }

    var findings: [Finding] {
        if let unreadable {
            return [
                .fail(
                    .configuration, path, .configuration, "\(unreadable); nothing else can be checked",
                    advice: "Correct the file, or name another with --config; sedged --check tells when it is right.")
            ]
        }
        let notes = notes.map { Finding.warn(.configuration, nil, $0) }
        if let contradiction {
            return [
                .fail(
                    .configuration, path, .configuration, contradiction, advice: "sedged refuses it: correct the file.")
            ] + notes
        }
        let streams = "\(streamCount) [[stream]] pattern\(streamCount == 1 ? "" : "s")"
        return [.ok(.configuration, path, "node \(node ?? "?"), \(streams)")] + notes
    }
}
