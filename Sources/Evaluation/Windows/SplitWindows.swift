/// A classification set whose training and test parts are given.
package struct SplitWindows: Sendable {
    package let name: String
    package let training: LabelledWindows
    package let test: LabelledWindows

    /// - Throws: parts of different channels, or a training part of one class.
    package init(name: String, training: LabelledWindows, test: LabelledWindows) throws(EvaluationError) {
        guard training.channelCount == test.channelCount else {
            throw EvaluationError(
                place: name,
                message: "found \(training.channelCount) channels to train on and \(test.channelCount) to test on")
        }
        guard Set(training.labels).count > 1 else {
            throw EvaluationError(place: name, message: "found one class to train on, expected 2 or more")
        }
        self.name = name
        self.training = training
        self.test = test
    }
}
