package import Logging
package import SedgeCore
import Synchronization

/// Watches the configuration's file and the files it names, and has what changed applied; a signal does the same.
///
/// Files are looked at twice a second, by number, size and time: this sees writes, renames and moved links alike, on
/// every file system. What changes is read once it has been the same for one look, so that nobody reads half a file.
package final class ConfigurationWatch: Sendable {
    /// Takes a configuration; `Agent.applyFile`, or what adds to it.
    package typealias Apply = @Sendable (Configuration) -> ReloadOutcome

    private let path: String
    private let agent: Agent
    private let apply: Apply
    private let notifier: SystemNotifier
    private let log: Logger
    private let baseline: FileStamp
    private let wakeup = Wakeup()
    private let isAsked = Atomic(false)
    private let isStopping = Atomic(false)

    private static let interval = 500

    /// - Parameter file: what the agent was opened with.
    package init(_ file: ConfigurationFile, agent: Agent, notifier: SystemNotifier, log: Logger, apply: Apply? = nil) {
        path = file.path
        baseline = file.stamp
        self.agent = agent
        self.apply = apply ?? { agent.applyFile($0) }
        self.notifier = notifier
        self.log = log
    }

    package func start() {
        _ = WorkerThread(name: "sedge-reload") { [self] in run() }
    }

    /// Reads the file again, changed or not.
    package func reload() {
        isAsked.store(true, ordering: .releasing)
        wakeup.signal()
    }

    /// Applies nothing from now on.
    package func stop() {
        isStopping.store(true, ordering: .releasing)
        wakeup.signal()
    }

    private func run() {
        var applied = [path: baseline].merging(Self.stamps(of: namedFiles)) { $1 }
        var last = applied
        while true {
            wakeup.wait(milliseconds: Self.interval)
            if isStopping.load(ordering: .acquiring) { return }
            let isAsked = isAsked.exchange(false, ordering: .acquiringAndReleasing)
            let now = Self.stamps(of: [path] + namedFiles)
            defer { last = now }
            // A file that is not there is on its way: an editor's rename, a volume that is mounted anew.
            let isSettled = now == last && now != applied && now[path] != .absent
            guard isAsked || isSettled else { continue }
            read(isAsked: isAsked)
            // Other files may be named now; what they hold was read a moment ago.
            applied = now.merging(Self.stamps(of: namedFiles)) { before, _ in before }
        }
    }

    private func read(isAsked: Bool) {
        notifier.reloading()
        var status = "running"
        do {
            let file = try ConfigurationFile(path: path)
            switch apply(file.configuration) {
            case .unchanged: if isAsked { log.info("the configuration says what it said before") }
            case .applied(let applied): status += ", configuration \(applied.name)"
            case .refused(let error):
                refuse("\(error.configurationError.map { "\(file.locate($0))" } ?? error.description)")
            }
        } catch {
            refuse("\(error)")
        }
        notifier.ready(status: status)
    }

    private func refuse(_ reason: String) {
        guard !isStopping.load(ordering: .acquiring) else { return }
        log.error(
            "the configuration is refused, the one before holds", metadata: ["file": "\(path)", "error": "\(reason)"])
    }

    /// Whose content counts beside the configuration's.
    private var namedFiles: [String] {
        let configuration = agent.configuration
        let bundles = [configuration.inference.bundle] + configuration.streams.compactMap(\.bundle)
        return BrokerFiles.paths(configuration.mqtt) + bundles.compactMap { try? BundleFile.locate($0) }
    }

    private static func stamps(of paths: [String]) -> [String: FileStamp] {
        Dictionary(paths.map { ($0, FileStamp($0)) }, uniquingKeysWith: { first, _ in first })
    }
}
