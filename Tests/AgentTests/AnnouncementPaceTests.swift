import Testing

@testable import Agent

@Suite struct AnnouncementPaceTests {
    private let second: Int64 = 1_000_000_000

    /// Seconds at which streams are announced that come at these.
    private func announcements(of arrivals: [Int64], until end: Int64 = 300) -> [Int64] {
        var pace = AnnouncementPace()
        return (0...end).filter { time in
            if arrivals.contains(time) { pace.arrived(time * second) }
            return pace.takeDue(time * second)
        }
    }

    @Test func theFirstIsAnnouncedSoon() {
        #expect(announcements(of: [10]) == [12])
    }

    @Test func whatComesTogetherIsAnnouncedTogether() {
        #expect(announcements(of: [10, 11, 12]) == [14])
    }

    @Test func whatComesLaterWaitsItsTurn() {
        #expect(announcements(of: [10, 15, 16]) == [12, 42])
        #expect(announcements(of: [10, 100]) == [12, 102])
    }

    @Test func streamsThatKeepComingHoldNothingBack() {
        #expect(announcements(of: Array(10..<100)) == [40, 71, 101])
    }

    @Test func whatWasNamedAnywayIsNotAnnouncedAgain() {
        var pace = AnnouncementPace()
        pace.arrived(second)
        pace.allNamed()
        let isDue = pace.takeDue(60 * second)
        #expect(!isDue)
    }
}
