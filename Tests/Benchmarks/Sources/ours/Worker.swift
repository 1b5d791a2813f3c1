import Glibc
import Inference
import SedgeCore

/// Answers the requests of the comparison, a line each, until its input ends:
///
///     window N        embeds the window N times; the answer is the processor time in nanoseconds
///     step N          takes N single steps of one stream; as above
///     embed IN OUT    embeds the windows of a file of floats and writes the embeddings to another
struct Worker {
    private let stream: StreamingEncoder
    private let windows: WindowEncoder
    private let steps: Int
    private let window: [Float]  // (steps, in)

    init(_ arguments: [String]) throws {
        let bundle = try ModelBundle(bytes: try FileBytes.read(arguments[0], limit: 1 << 24))
        let kernels = try KernelSet.select(arguments[1])
        steps = try Refusal.size(arguments[2])
        stream = StreamingEncoder(bundle: bundle, kernels: kernels)
        windows = WindowEncoder(bundle: bundle, kernels: kernels, steps: steps)
        window = try FloatFile.read(arguments[3])
        guard window.count == steps * windows.architecture.patchValues else {
            throw Refusal(description: "\(arguments[3]): found \(window.count) numbers, expected one window")
        }
    }

    static func listKernels() { print(KernelSet.available.joined(separator: " ")) }

    func serve() throws {
        let lane = stream.addLane()
        while let line = readLine() {
            let words = line.split(separator: " ").map(String.init)
            switch (words.first, words.count) {
            case ("window", 2): answer(String(timeWindows(try Refusal.size(words[1]))))
            case ("step", 2): answer(String(timeSteps(try Refusal.size(words[1]), lane: lane)))
            case ("embed", 3):
                try embed(words[1], words[2])
                answer("done")
            default: throw Refusal(description: "found the request \(line), expected window, step or embed")
            }
        }
    }

    private func answer(_ line: String) {
        print(line)
        fflush(nil)
    }

    private func timeWindows(_ count: Int) -> Int {
        var embeddings = [Float](repeating: 0, count: steps * windows.architecture.embedding)
        let begin = Self.processorTime()
        for _ in 0..<count {
            var room = embeddings.mutableSpan
            windows.embed(window: window.span, into: &room)
        }
        return Self.processorTime() - begin
    }

    private func timeSteps(_ count: Int, lane: Int) -> Int {
        let width = stream.architecture.patchValues
        var embedding = [Float](repeating: 0, count: stream.architecture.embedding)
        let due = [lane]
        let patches = window.span
        let begin = Self.processorTime()
        for step in 0..<count {
            let row = step % steps * width
            var room = embedding.mutableSpan
            stream.step(lanes: due.span, patches: patches.extracting(row..<row + width), embeddings: &room)
        }
        return Self.processorTime() - begin
    }

    private func embed(_ input: String, _ output: String) throws {
        let values = try FloatFile.read(input)
        guard values.count % window.count == 0 else {
            throw Refusal(description: "\(input): found \(values.count) numbers, expected windows of \(window.count)")
        }
        var embeddings: [Float] = []
        for start in stride(from: 0, to: values.count, by: window.count) {
            embeddings += windows.embed(window: values.span.extracting(start..<start + window.count))
        }
        try FloatFile.write(embeddings, to: output)
    }

    /// Of all threads of this process, in nanoseconds: other programs on the core do not count.
    private static func processorTime() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}
