/// Windows of one origin (a person, a part of a set), each with its class, in the order in which they were recorded.
package struct LabelledWindows: Sendable {
    package let name: String
    package let windows: [[[Double]]]  // (windows, channels, samples); NaN where nothing was measured
    package let labels: [Int]  // (windows), 0…

    /// - Throws: where the parts do not fit together; the text says how.
    package init(name: String, windows: [[[Double]]], labels: [Int]) throws(EvaluationError) {
        func refuse(_ message: String) -> EvaluationError { EvaluationError(place: name, message: message) }
        guard let channels = windows.first?.count, channels > 0 else { throw refuse("found no windows") }
        guard windows.count == labels.count else {
            throw refuse("found \(labels.count) labels for \(windows.count) windows")
        }
        for (index, window) in windows.enumerated() {
            guard window.count == channels, let length = window.first?.count, length > 0,
                window.allSatisfy({ $0.count == length })
            else {
                throw refuse("found a window \(index) of another shape, expected \(channels) channels of one length")
            }
        }
        if let label = labels.first(where: { $0 < 0 }) { throw refuse("found the class \(label), expected 0 or more") }
        self.name = name
        self.windows = windows
        self.labels = labels
    }

    package var channelCount: Int { windows[0].count }
    package var classCount: Int { (labels.max() ?? 0) + 1 }

    /// Samples at the end of each window that the one before did not have; all of them where the two do not overlap.
    ///
    /// Windows overlap where one goes on half a window after the other, sample by sample.
    var freshSamples: [Int] {
        windows.indices.map { index in
            let window = windows[index]
            let length = window[0].count
            guard index > 0, length >= 2, windows[index - 1][0].count == length else { return length }
            let half = length / 2
            let goesOn = zip(windows[index - 1], window).allSatisfy { before, now in
                before.suffix(length - half).elementsEqual(now.prefix(length - half)) {
                    $0 == $1 || $0.isNaN && $1.isNaN
                }
            }
            return goesOn ? half : length
        }
    }

    /// Where each window lies among all samples, those that windows share counted once.
    var spans: [Range<Int>] {
        var end = 0
        return zip(windows, freshSamples).map { window, fresh in
            end += fresh
            return end - window[0].count..<end
        }
    }

    /// Windows that share no sample with the known ones. All are named by their place.
    static func apart(from known: some Collection<Int>, _ spans: [Range<Int>]) -> [Int] {
        spans.indices.filter { index in !known.contains { spans[$0].overlaps(spans[index]) } }
    }

    /// - Throws: where there are not two groups at least, one to leave out and one to learn from.
    static func checkLeaveOneOut(_ groups: [Self]) throws(EvaluationError) {
        guard groups.count > 1 else {
            throw EvaluationError(
                place: groups.first?.name ?? "no groups",
                message: "found \(groups.count) to leave out in turn, expected 2 or more")
        }
    }
}
