import Testing

@testable import Evaluation

/// Our metrics against scikit-learn, TSB-AD and claspy.
@Suite struct MetricReferenceTests {
    private static let tolerance = 1e-9

    @Test(arguments: MetricReference.all.detection.indices)
    func areasAgreeWithScikitLearn(index: Int) throws {
        let reference = MetricReference.all.detection[index]
        let roc = try #require(AreaUnderCurve.roc(scores: reference.scores, labels: reference.labels))
        let area = try #require(AreaUnderCurve.precisionRecall(scores: reference.scores, labels: reference.labels))
        #expect(abs(roc - reference.roc) < Self.tolerance)
        #expect(abs(area - reference.precisionRecall) < Self.tolerance)
    }

    @Test(arguments: MetricReference.all.detection.indices)
    func volumesAgreeWithTSBAD(index: Int) throws {
        let reference = MetricReference.all.detection[index]
        let volume = try #require(
            VolumeUnderSurface(scores: reference.scores, labels: reference.labels, window: reference.window))
        #expect(abs(volume.precisionRecall - reference.vusPR) < Self.tolerance)
        #expect(abs(volume.roc - reference.vusROC) < Self.tolerance)
    }

    @Test(arguments: MetricReference.all.detection.indices)
    func rangeF1AgreesWithTSBAD(index: Int) {
        let reference = MetricReference.all.detection[index]
        let given = RangeF1.score(predictions: reference.predicted, labels: reference.labels)
        let best = RangeF1.best(scores: reference.scores, labels: reference.labels)
        #expect(abs(given - reference.rangeF1) < Self.tolerance)
        #expect(abs(best - reference.bestRangeF1) < Self.tolerance)
    }

    @Test(arguments: MetricReference.all.detection.indices)
    func countsAgreeWithScikitLearn(index: Int) {
        let reference = MetricReference.all.detection[index]
        let counts = DetectionCounts(predictions: reference.predicted, labels: reference.labels)
        #expect(abs(counts.f1 - reference.f1) < Self.tolerance)
    }

    @Test(arguments: MetricReference.all.covering.indices)
    func coveringAgreesWithClaspy(index: Int) {
        let reference = MetricReference.all.covering[index]
        let score = Covering.score(found: reference.found, actual: reference.actual, rowCount: reference.rows)
        #expect(abs(score - reference.covering) < Self.tolerance)
    }

    @Test(arguments: MetricReference.all.classification.indices)
    func classificationAgreesWithScikitLearn(index: Int) {
        let reference = MetricReference.all.classification[index]
        var matrix = ConfusionMatrix(classes: reference.classes)
        for (actual, predicted) in zip(reference.actual, reference.predicted) {
            matrix.add(actual: actual, predicted: predicted)
        }
        #expect(abs(matrix.accuracy - reference.accuracy) < Self.tolerance)
        #expect(abs(matrix.macroF1 - reference.macroF1) < Self.tolerance)
    }
}
