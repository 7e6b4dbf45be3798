package dev.lathe.compress.lowrank;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.compress.lowrank.RankAllocation.Candidate;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;

class RankAllocationTest {
    @Property(tries = 100)
    void keepsTheTotalAndIsNoWorseThanSharesAlike(
            @ForAll long seed, @ForAll @DoubleRange(min = 0.3, max = 1) double kept) {
        Random random = new Random(seed);
        List<Candidate> candidates = new ArrayList<>();
        for (int i = random.nextInt(1, 9); i > 0; i--) {
            candidates.add(candidate(random));
        }
        long whole = candidates.stream()
                .mapToLong(one -> (long) one.rows() * one.columns())
                .sum();
        long budget = (long) (kept * whole);
        int[] ranks = RankAllocation.within(candidates, budget);
        long total = 0;
        double error = 0;
        double alike = 0;
        for (int i = 0; i < ranks.length; i++) {
            Candidate candidate = candidates.get(i);
            total += ranks[i] == 0
                    ? (long) candidate.rows() * candidate.columns()
                    : (long) ranks[i] * (candidate.rows() + candidate.columns());
            error += ranks[i] == 0 ? 0 : candidate.errors()[ranks[i] - 1];
            int share =
                    (int) (kept * candidate.rows() * candidate.columns() / (candidate.rows() + candidate.columns()));
            alike += kept == 1 ? 0 : candidate.error(Math.max(1, share) - 1);
        }
        assertTrue(total <= budget, total + " of " + budget);
        // optimal for what it uses; the rest of the budget is less than one step of one matrix
        double slack =
                candidates.stream().mapToDouble(one -> one.error(0)).max().orElseThrow();
        assertTrue(error <= alike + slack, error + " against " + alike);
        if (kept == 1) {
            assertEquals(0, error);
        }
    }

    private static Candidate candidate(Random random) {
        int rows = random.nextInt(8, 40);
        int columns = random.nextInt(8, 40);
        double[] errors = new double[Candidate.savingRanks(rows, columns, 1)];
        double error = 1;
        double decay = random.nextDouble(0.5, 0.99);
        for (int i = 0; i < errors.length; i++) {
            error *= decay;
            errors[i] = error;
        }
        return new Candidate(rows, columns, 1, errors);
    }
}
