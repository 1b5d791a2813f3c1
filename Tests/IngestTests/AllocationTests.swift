import Glibc
import Ingest
import SedgeCore
import Testing

/// Decoding allocates nothing after warm-up.
///
/// glibc has no hook to count allocations any more. But a new thread has no cache of freed blocks: whatever it
/// allocates, even if freed at once, is taken from the heap and stays in the thread's cache, which `mallinfo2` counts
/// as used. Other tests allocate at the same time, so not every attempt must be quiet; a decode that does allocate
/// has none that is, but for the rare one in which another thread frees as much.
@Suite struct AllocationTests {
    static let payloads: [StreamCodec: (paths: [String], time: String?, text: String)] = [
        .json: (
            ["$.vib", "$.temp", "$.cur"], "$.ts", #"{"ts":1700000000000,"vib":0.123,"temp":45.6,"cur":1.2}"#
        ),
        .csv: (["vib", "temp", "cur"], "ts", "ts,vib,temp,cur\n1700000000000,0.123,45.6,1.2\n"),
        .senml: (
            ["vib", "temp", "cur"], nil,
            #"[{"bn":"p:","bt":1700000000,"n":"vib","v":0.123},{"n":"temp","v":45.6},{"n":"cur","v":1.2}]"#
        ),
        .influx: (["vib", "temp", "cur"], nil, "pump,site=a vib=0.123,temp=45.6,cur=1.2 1700000000000000000"),
        .number: (["$"], nil, "45.6"),
    ]

    /// Unoptimised Swift allocates in unspecialised generic code of the standard library, whatever the codecs do.
    static let isOptimized: Bool = {
        #if DEBUG
            false
        #else
            true
        #endif
    }()

    @Test(
        .enabled(if: isOptimized, "only an optimised build shows it: swift test -c release"),
        arguments: StreamCodec.allCases)
    func decodingAllocatesNothing(kind: StreamCodec) throws {
        let subject = try #require(Self.payloads[kind])
        let settings = CodecSettings(
            kind: kind, channels: subject.paths.map { ChannelPath(name: $0, path: $0) }, time: subject.time)
        let bytes = Array(subject.text.utf8)
        #expect(
            isMostlyQuiet {
                var decoding = try! Decoding(settings)
                let payload = decoding.payload.place(bytes)
                for _ in 0..<3 {
                    try! decoding.decode(placed: payload)
                }
                return { try! decoding.decode(placed: payload) }
            })
    }

    @Test(.enabled(if: isOptimized, "only an optimised build shows it: swift test -c release"))
    func lookingUpAKnownTopicAllocatesNothing() throws {
        let pattern = try StreamPattern("plant/{stream}/sensors")
        #expect(
            isMostlyQuiet {
                var table = StreamTable(patterns: [pattern])
                let known = Array("plant/pump/sensors".utf8)
                let other = Array("elsewhere/pump/sensors".utf8)
                _ = known.withUnsafeBytes { table.lookup(topic: $0) }
                return {
                    _ = known.withUnsafeBytes { table.lookup(topic: $0) }
                    _ = other.withUnsafeBytes { table.lookup(topic: $0) }
                }
            })
    }

    @Test func theMeasureSeesAnAllocationThatIsFreedAtOnce() {
        #expect(
            !isMostlyQuiet {
                { free(Self.block()) }
            })
    }

    /// Out of the optimiser's sight, which would strike an allocation that is freed at once.
    @inline(never) private static func block() -> UnsafeMutableRawPointer? { malloc(40) }

    /// Whether `prepare`'s work ran without an allocation in a quarter of the attempts, each in a thread of its own.
    private func isMostlyQuiet(_ prepare: () -> () -> Void) -> Bool {
        let attempts = 40
        var quiet = 0
        for _ in 0..<attempts {
            let attempt = Attempt(work: prepare())
            WorkerThread(name: "allocations") { attempt.run() }.join()
            if attempt.growth == 0 { quiet += 1 }
        }
        return quiet * 4 >= attempts
    }

    /// Not locked: the thread that runs it is joined before anyone else looks at it.
    private final class Attempt: @unchecked Sendable {
        private let work: () -> Void
        private(set) var growth = 0

        init(work: @escaping () -> Void) { self.work = work }

        func run() {
            // Starting a thread, and looking the function up, leave blocks in its cache. They are taken out until the
            // work is done; between here and there nothing but the work may allocate.
            let usedBytes = heapUse()
            let sizes = stride(from: 24, through: 1032, by: 16)
            let blocks = UnsafeMutablePointer<UnsafeMutableRawPointer?>.allocate(capacity: 64 * Self.blocksPerSize)
            var count = 0
            for size in sizes {
                for _ in 0..<Self.blocksPerSize {
                    blocks[count] = malloc(size)
                    count += 1
                }
            }
            let before = usedBytes()
            work()
            growth = usedBytes() - before
            for block in 0..<count { free(blocks[block]) }
            blocks.deallocate()
        }

        private static let blocksPerSize = 32
    }
}

/// What reads `mallinfo2().uordblks`: bytes of the heap in use, by all threads.
private func heapUse() -> () -> Int {
    // malloc.h is not part of Swift's C module. Any C struct of at least the size of `struct mallinfo2` (ten words)
    // is returned in the same way, through memory of the caller's.
    typealias Function = @convention(c) () -> stat
    let function = unsafeBitCast(dlsym(nil, "mallinfo2"), to: Function.self)
    return { withUnsafeBytes(of: function()) { $0.load(fromByteOffset: 7 * MemoryLayout<Int>.size, as: Int.self) } }
}
