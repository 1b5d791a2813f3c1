#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

import SedgeCore
import Synchronization

@testable import Store

/// A folder of its own for one test, removed at the end, and a clock that the test sets.
final class StoreFixture: Sendable {
    let folder: String
    private let time = Mutex(Timestamp(milliseconds: 1_700_000_000_000))

    init() {
        // In memory where that is possible: thousands of fsyncs on a busy disk take most of a minute.
        let parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
        var template = Array("\(parent)/sedge-store-XXXXXX".utf8CString)
        folder = template.withUnsafeMutableBufferPointer { String(cString: mkdtemp($0.baseAddress!)) }
    }

    deinit {
        for name in FileSystem.names(in: folder) { unlink("\(folder)/\(name)") }
        rmdir(folder)
    }

    var path: String { "\(folder)/sedge.db" }

    var now: Timestamp {
        get { time.withLock { $0 } }
        set { time.withLock { $0 = newValue } }
    }

    var names: [String] { FileSystem.names(in: folder).filter { !$0.hasPrefix(".") }.sorted() }

    func options(boot: String = "boot-1") -> StoreOptions {
        var options = StoreOptions(node: try! NodeID("gw-7"), bootID: boot)
        options.now = { self.now }
        return options
    }

    func open(
        boot: String = "boot-1", migrator: SchemaMigrator = .sedge, adjust: (inout StoreOptions) -> Void = { _ in }
    ) throws -> OpenedStore {
        var options = options(boot: boot)
        adjust(&options)
        return try Store.open(at: path, options: options, now: now, migrator: migrator)
    }

    func bytes(_ suffix: String = "") throws -> [UInt8]? {
        try FileSystem.read(path + suffix, atMost: 1 << 24)
    }

    func write(_ bytes: [UInt8], _ suffix: String = "") throws { try FileSystem.writeDurably(bytes, to: path + suffix) }

    func remove(_ suffixes: String...) { for suffix in suffixes { unlink(path + suffix) } }

    /// An insight whose payload is at least `padding` bytes.
    static func insight(_ number: Int, kind: InsightKind = .anomaly, padding: Int = 0) -> Insight {
        var insight = Insight(
            id: "event-\(number)", kind: kind, phase: .point, node: try! NodeID("gw-7"),
            stream: try! StreamID("pump-\(number % 3)"), ts: Timestamp(milliseconds: 1_700_000_000_000 + Int64(number)))
        insight.severity = 0.1 + Double(number) / 3
        insight.detail = padding > 0 ? String(repeating: "x", count: padding) : nil
        return insight
    }

    static func insights(_ numbers: Range<Int>, padding: Int = 0) -> [Insight] {
        numbers.map { insight($0, padding: padding) }
    }
}
