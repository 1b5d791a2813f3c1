import ArgumentParser
import FoundationEssentials
import Learning
import SedgeCore
import Training

/// Reads the recordings of a run and checks that something can be learned from them.
struct TrainingRecordings {
    private let options: RecordingOptions
    private let shortest: Int

    /// Endings of the files that are taken from a folder.
    private static let endings = [".csv", ".npy", ".jsonl", ".ndjson", ".db", ".sqlite", ".sqlite3"]

    /// - Parameter shortest: samples that one crop needs.
    init(_ options: RecordingOptions, shortest: Int = PretrainingConfiguration().recipe.shortestRecording) {
        self.options = options
        self.shortest = shortest
    }

    /// Every numeric column of every recording named, for an encoder of so many input channels: each column by itself,
    /// or where it reads several, all together.
    static func read(_ paths: [String], inputs: Int) throws -> TrainingData {
        var options = try RecordingOptions.parse([])
        if inputs > 1 { options.mode = .joint }
        let data = try Self(options).read(paths)
        for series in data.training + data.heldOut where series.channels.count != inputs {
            throw Failure(
                .data,
                "\(series.name): found \(series.channels.count) numeric columns, expected \(inputs), the encoder's")
        }
        return data
    }

    func read(_ paths: [String]) throws -> TrainingData {
        do {
            let recordings = try paths.flatMap(Self.files).map { (path: $0, try recording($0)) }
            try checkRates(recordings)
            if options.mode == .joint { try checkChannels(recordings) }
            let classes = options.labels == nil ? [] : Self.classes(recordings.map(\.1))
            var series: [TrainingSeries] = []
            for (path, recording) in recordings { series += try self.series(recording, path: path, classes) }
            return try TrainingData(series, classes: classes, shortest: shortest)
        } catch let error as RecordingError {
            throw Failure(.data, error.description)
        } catch let error as TrainingError {
            throw Failure(.data, error.description)
        }
    }

    private func recording(_ path: String) throws -> Recording {
        var selection = ColumnSelection()
        if let labels = options.labels { selection.labels = [labels] }
        return try RecordingFile.read(path, selection: selection, table: options.table)
    }

    private static func classes(_ recordings: [Recording]) -> [String] {
        Set(recordings.flatMap { $0.labelColumns[0] }).subtracting([""]).sorted()
    }

    /// Series of one recording: a column each, or all columns together; and in pieces, where it is resampled and has
    /// gaps.
    private func series(_ recording: Recording, path: String, _ classes: [String]) throws -> [TrainingSeries] {
        let labels = options.labels == nil ? nil : recording.labelColumns[0]
        let numbers = labels.map { labels in
            labels.map { Int32(classes.firstIndex(of: $0) ?? Int(CrossEntropyLoss.unknown)) }
        }
        guard let rate = options.rate, let times = recording.times else {
            return try series(recording.columns, numbers ?? [], recording.channels, name: path)
        }
        let segments = UniformGrid.segments(times: times, columns: recording.columns, rateHz: rate)
        let long = segments.filter { $0.times.count >= shortest }
        guard !long.isEmpty else {
            let most = segments.map(\.times.count).max() ?? 0
            throw TrainingError(
                "\(path): found at most \(most) samples without a gap at \(rate) Hz, expected at least \(shortest)")
        }
        // A stretch in which nothing moved teaches nothing; the recording's others may.
        let moving = long.filter { $0.columns.contains(where: TrainingSeries.varies) }
        return try (moving.isEmpty ? long : moving).flatMap { segment in
            let classes = numbers.map { Self.sampled($0, at: times, for: segment.times) } ?? []
            return try series(segment.columns, classes, recording.channels, name: path)
        }
    }

    private func series(
        _ columns: [[Double]], _ classes: [Int32], _ channels: [String], name: String
    ) throws -> [TrainingSeries] {
        guard options.mode == .independent else {
            return [try TrainingSeries(columns, classes: classes, name: name, shortest: shortest)]
        }
        // A recording may have a channel that stood still; one without any other has nothing to teach.
        let varying = columns.indices.filter { TrainingSeries.varies(columns[$0]) || columns.count == 1 }
        guard !varying.isEmpty else {
            throw TrainingError("\(name): found constants alone, expected a signal that changes")
        }
        return try varying.map { index in
            try TrainingSeries(
                [columns[index]], classes: classes, name: "\(name), column \(channels[index])", shortest: shortest)
        }
    }

    /// The class of the newest row at or before each sample; before the first, that of the first.
    private static func sampled(_ classes: [Int32], at times: [Timestamp], for samples: [Timestamp]) -> [Int32] {
        let order = times.indices.sorted { (times[$0], $0) < (times[$1], $1) }
        var place = 0
        return samples.map { time in
            while place + 1 < order.count, times[order[place + 1]] <= time { place += 1 }
            return classes[order[place]]
        }
    }

    /// Recordings of unlike rates show the same machine at another speed.
    private func checkRates(_ recordings: [(path: String, recording: Recording)]) throws {
        let rates = recordings.compactMap { path, recording in
            recording.times.flatMap(UniformGrid.rate).map { (path: path, hertz: $0) }
        }
        if let wanted = options.rate {
            for (path, hertz) in rates where hertz < wanted / 2 {
                throw TrainingError(
                    "\(path): found \(Self.shown(hertz)) rows a second, expected \(wanted), as --rate says, or more")
            }
        } else if let first = rates.first {
            for (path, hertz) in rates where abs(hertz / first.hertz - 1) > 0.1 {
                throw TrainingError(
                    "\(path): found \(Self.shown(hertz)) rows a second, expected \(Self.shown(first.hertz)) as in "
                        + "\(first.path), or --rate to bring all to one")
            }
        }
    }

    private func checkChannels(_ recordings: [(path: String, recording: Recording)]) throws {
        guard let first = recordings.first else { return }
        for (path, recording) in recordings where recording.channels != first.recording.channels {
            throw TrainingError(
                "\(path): found the channels \(recording.channels.joined(separator: ", ")), expected those of "
                    + "\(first.path), \(first.recording.channels.joined(separator: ", "))")
        }
    }

    private static func shown(_ hertz: Double) -> String { "\((hertz * 1000).rounded() / 1000)" }

    /// The path itself, or the recordings in the folder, by name.
    private static func files(_ path: String) throws -> [String] {
        var isFolder = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw Failure(.io, "cannot read \(path): there is no such file or folder")
        }
        guard isFolder else { return [path] }
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: path)
        } catch {
            throw Failure(.io, "cannot list \(path)")
        }
        let found = names.filter { name in endings.contains { name.hasSuffix($0) } }.sorted()
        guard !found.isEmpty else {
            throw Failure(.data, "\(path): found none of \(endings.joined(separator: " ")) in the folder")
        }
        return found.map { "\(path)/\($0)" }
    }
}
