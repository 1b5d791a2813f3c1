import SedgeCore
import Testing

@testable import Adaptation

/// What people say, and what the learner makes of it.
@Suite struct TeachingTests {
    /// A stream with its memory of steps, as the agent keeps it.
    private struct Taught {
        var stream: SyntheticStream
        var recent: RecentSteps
        var starts = 0
        var last: LearnerVerdict?

        init(seed: UInt64, stepSeconds: Double = 1) {
            stream = SyntheticStream(seed: seed, stepSeconds: stepSeconds)
            recent = RecentSteps(dimension: stream.learner.featureDimension)
        }

        mutating func run(_ steps: Int, _ value: (Int, Double) -> Double) {
            for _ in 0..<steps {
                let verdict = stream.advance(value)
                recent.append(
                    time: time, vector: stream.learner.stepFeatures, state: verdict.stateNumber ?? 0)
                if case .start = verdict.alarm { starts += 1 }
                last = verdict
            }
        }

        var time: Timestamp {
            let seconds = stream.learner.configuration.stepSeconds * Double(stream.step)
            return Timestamp(microseconds: 1_700_000_000_000_000 + Int64(seconds * 1e6))
        }

        func lesson(_ kind: Lesson.Kind, lastSteps count: Int) throws -> Lesson {
            let span = TimeSpan(from: time + -Int64(Double(count) * 1e6), to: time)
            let rows = recent.rows(in: span)
            return Lesson(
                kind: kind, span: span, state: rows.last.map(\.state),
                examples: ExampleSet(rows, dimension: recent.dimension, background: recent.rows))
        }
    }

    private static func knock(_ sample: Int, _ noise: Double) -> Double { tone(sample, noise) + 4 }

    @Test func whatWasCalledNormalRaisesNoAlarmAgain() throws {
        var untaught = Taught(seed: 31)
        untaught.run(1500, tone)
        untaught.run(20, Self.knock)
        #expect(untaught.starts == 1)
        var taught = untaught
        taught.stream.learner.teach(Lessons([try taught.lesson(.normal, lastSteps: 16)]))
        for _ in 0..<4 {
            for run in [(200, tone), (20, Self.knock)] as [(Int, (Int, Double) -> Double)] {
                untaught.run(run.0, run.1)
                taught.run(run.0, run.1)
            }
        }
        #expect(untaught.starts >= 4, "told nothing it goes on alarming: \(untaught.starts)")
        #expect(taught.starts == 1)
        #expect(taught.stream.learner.alarm.event == nil)
    }

    @Test func somethingElseStillAlarmsAfterwards() throws {
        var taught = Taught(seed: 32)
        taught.run(1500, tone)
        taught.run(20, Self.knock)
        taught.stream.learner.teach(Lessons([try taught.lesson(.normal, lastSteps: 16)]))
        taught.run(300, tone)
        taught.run(60) { sample, noise in -4 + 3 * noise + 0 * Double(sample) }
        #expect(taught.starts == 2)
    }

    @Test func whatIsRevokedCountsNoLonger() throws {
        var taught = Taught(seed: 33)
        taught.run(1500, tone)
        taught.run(20, Self.knock)
        taught.stream.learner.teach(Lessons([try taught.lesson(.normal, lastSteps: 16)]))
        taught.stream.learner.teach(Lessons())
        taught.run(200, tone)
        taught.run(20, Self.knock)
        #expect(taught.starts == 2)
    }

    @Test func aDeniedChangeIsNotAcceptedAfterADay() throws {
        // A step of five minutes: a day is 288 of them, and 500 are needed.
        var untaught = Taught(seed: 34, stepSeconds: 300)
        untaught.run(1500, tone)
        untaught.run(60, Self.knock)
        #expect(untaught.last?.isAlarming == true)
        var taught = untaught
        let span = TimeSpan(from: taught.time + -3_000_000_000, to: taught.time)
        let rows = taught.recent.rows(in: span)
        taught.stream.learner.teach(
            Lessons([
                Lesson(
                    kind: .anomaly, span: span, state: nil,
                    examples: ExampleSet(rows, dimension: taught.recent.dimension, background: taught.recent.rows))
            ]))
        untaught.run(6000, Self.knock)
        taught.run(6000, Self.knock)
        #expect(untaught.last?.isAlarming == false, "a lasting change becomes normal")
        #expect(taught.last?.isAlarming == true, "unless a person said that it is none")
    }

    @Test func aStateTakesTheNameThatPeopleGiveIt() throws {
        var taught = Taught(seed: 35)
        taught.run(800, tone)
        #expect(taught.last?.regimeName == "state-1")
        taught.stream.learner.teach(Lessons([try taught.lesson(.label("idle"), lastSteps: 100)]))
        taught.run(1, tone)
        #expect(taught.last?.regimeName == "idle" && taught.last?.stateNumber == 1)
        taught.stream.learner.teach(Lessons())
        taught.run(1, tone)
        #expect(taught.last?.regimeName == "state-1")
    }

    @Test func theSameLessonsAfterARestartGiveTheSameVerdicts() throws {
        var taught = Taught(seed: 36)
        taught.run(1500, tone)
        taught.run(20, Self.knock)
        let lessons = Lessons([try taught.lesson(.normal, lastSteps: 16)])
        taught.stream.learner.teach(lessons)
        var restored = taught
        restored.stream.learner = try StreamLearner(
            SyntheticStream.configuration(), restoring: taught.stream.learner.snapshot())
        restored.stream.learner.teach(lessons)
        for _ in 0..<300 {
            let (one, other) = (taught.stream.advance(Self.knock), restored.stream.advance(Self.knock))
            #expect(one == other)
        }
    }
}

@Suite struct ExampleSetTests {
    private static func rows(_ count: Int, around center: Float, seed: UInt64) -> [RecentSteps.Row] {
        var random = SeededRandom(seed: seed)
        return (0..<count).map { index in
            RecentSteps.Row(
                time: Timestamp(milliseconds: Int64(index)), state: 0,
                vector: (0..<8).map { $0 < 5 ? center + Float(random.uniform() - 0.5) : 0 })
        }
    }

    @Test func keepsAFewOfManyAndKnowsWhatLooksLikeThem() {
        let background = Self.rows(300, around: 0, seed: 1)
        let examples = ExampleSet(Self.rows(100, around: 3, seed: 2), dimension: 5, background: background)
        #expect(examples.count == ExampleSet.limit)
        for row in Self.rows(50, around: 3, seed: 3) { #expect(examples.relativeDistance(to: row.vector) < 1) }
        for row in Self.rows(50, around: 0, seed: 4) { #expect(examples.relativeDistance(to: row.vector) > 1) }
    }

    /// An anomaly's end is told late: most of its steps may be ordinary ones.
    @Test func ofAnEventOrdinaryStepsAreNoExamples() {
        let background = Self.rows(300, around: 0, seed: 1)
        let span = Self.rows(40, around: 3, seed: 2) + Self.rows(120, around: 0, seed: 5)
        let event = ExampleSet(span, dimension: 5, background: background, isEvent: true)
        for row in Self.rows(50, around: 3, seed: 3) { #expect(event.relativeDistance(to: row.vector) < 1) }
        for row in Self.rows(50, around: 0, seed: 4) { #expect(event.relativeDistance(to: row.vector) > 1) }
        // A label is of all of its time.
        let label = ExampleSet(span, dimension: 5, background: background)
        #expect(label.rows.contains { $0[0] < 1 } && label.rows.contains { $0[0] > 2 })
    }

    @Test func oneExampleHasAReachOfItsOwn() {
        let one = Self.rows(1, around: 3, seed: 2)
        let examples = ExampleSet(one, dimension: 5, background: Self.rows(300, around: 0, seed: 1))
        #expect(examples.count == 1 && examples.reach > 0)
        #expect(examples.relativeDistance(to: one[0].vector) == 0)
    }

    @Test func constantStepsAreFinite() {
        let row = RecentSteps.Row(time: Timestamp(milliseconds: 0), state: 0, vector: [1, 1, 0, 0, 0, 0, 0, 0])
        let examples = ExampleSet([row, row], dimension: 2, background: [row])
        #expect(examples.relativeDistance(to: row.vector) == 0)
        #expect(examples.relativeDistance(to: [2, 1, 0, 0, 0, 0, 0, 0]).isFinite)
    }

    @Test func comesBackFromItsBytesAndNotFromDamagedOnes() throws {
        let examples = ExampleSet(
            Self.rows(40, around: 3, seed: 2), dimension: 5, background: Self.rows(300, around: 0, seed: 1))
        let bytes = examples.snapshot()
        #expect(try ExampleSet(dimension: 5, restoring: bytes) == examples)
        #expect(throws: SnapshotError.self) { try ExampleSet(dimension: 6, restoring: bytes) }
        #expect(throws: SnapshotError.self) { try ExampleSet(dimension: 5, restoring: Array(bytes.dropLast())) }
        #expect(throws: SnapshotError.self) { try ExampleSet(dimension: 5, restoring: []) }
    }
}

@Suite struct StepFeaturesTests {
    @Test func aFewChannelsStandOneAfterTheOther() {
        var features = StepFeatures(channels: 2, embeddingSize: 3, patch: 2)
        features.take(embeddings: ([1, 2, 3, 4, 5, 6] as [Float]).span, patches: ([1, 3, 0, 0] as [Float]).span)
        #expect(features.dimension == 10)
        #expect(features.vector[0..<4] == [1, 2, 3, 2])
        #expect(abs(features.vector[4] - 0.0198) < 1e-3, "log of a deviation of 1")
        #expect(features.vector[5..<9] == [4, 5, 6, 0])
    }

    @Test func ofManyChannelsTheMeanAndTheGreatestAreTaken() {
        let channels = StepFeatures.separateChannels + 1
        var features = StepFeatures(channels: channels, embeddingSize: 1, patch: 1)
        let embeddings = (0..<channels).map { Float($0) }
        let patches = [Float](repeating: 2, count: channels)
        features.take(embeddings: embeddings.span, patches: patches.span)
        #expect(features.dimension == 6)
        #expect(abs(features.vector[0] - 4) < 1e-5 && features.vector[3] == 8)
        #expect(abs(features.vector[1] - 2) < 1e-5 && features.vector[4] == 2)
    }

    @Test func whatIsNoNumberCountsAsNought() {
        var features = StepFeatures(channels: 1, embeddingSize: 2, patch: 2)
        features.take(embeddings: ([.nan, .infinity] as [Float]).span, patches: ([.nan, 1e30] as [Float]).span)
        #expect(!features.vector.contains { !$0.isFinite })
    }
}
