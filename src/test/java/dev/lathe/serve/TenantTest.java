package dev.lathe.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.serve.Tenant.Share;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class TenantTest {
    private static final long SECOND = 1_000_000_000;
    private long now = 5;

    private Tenant tenant(TenantLimits limits) {
        return new Tenant("acme", limits, () -> now);
    }

    /** Whatever is reserved, used and given back, no more is used than was there and came in. */
    @Property(tries = 100)
    void tokensAreConserved(@ForAll long seed) {
        Random random = new Random(seed);
        Tenant tenant = tenant(TenantLimits.NONE.tokens(10, 100));
        long begin = now;
        Queue<Share> shares = new ArrayDeque<>();
        Queue<Integer> reserved = new ArrayDeque<>();
        long open = 0;
        for (int i = 0; i < 200; i++) {
            now += random.nextLong(2 * SECOND);
            int most = 1 + random.nextInt(100);
            try {
                shares.add(tenant.reserve(most));
                reserved.add(most);
                open += most;
            } catch (TenantLimitException refused) {
                long before = now;
                now += refused.retryAfter().orElseThrow().toNanos() + 1000;
                shares.add(tenant.reserve(most));
                reserved.add(most);
                open += most;
                assertTrue(now > before);
            }
            if (random.nextBoolean()) {
                int given = reserved.remove();
                shares.remove().end(random.nextInt(given + 1));
                open -= given;
            }
            assertEquals(open, tenant.statistics().positions());
            double came = 100 + 10e-9 * (now - begin);
            assertTrue(tenant.statistics().tokens() + open <= came + 1e-6);
        }
    }

    @Test
    void refusalsSayWhatIsMissingAndWhenItIsThere() {
        Tenant tenant = tenant(TenantLimits.NONE.tokens(10, 100).positions(150).requests(2));
        Share first = tenant.reserve(80);
        TenantLimitException few = assertThrows(TenantLimitException.class, () -> tenant.reserve(70));
        assertEquals(Optional.of(Duration.ofSeconds(5)), few.retryAfter());
        assertEquals(
                "the request of tenant acme is refused: it needs 70 tokens at most, and 20 are left of 10.0 a second;"
                        + " try again in 5.0 s",
                few.getMessage());
        now += 8 * SECOND;
        TenantLimitException pages = assertThrows(TenantLimitException.class, () -> tenant.reserve(71));
        assertTrue(pages.getMessage().contains("mostPositions"), pages.getMessage());
        Share second = tenant.reserve(70);
        TenantLimitException many = assertThrows(TenantLimitException.class, () -> tenant.reserve(1));
        assertTrue(many.getMessage().contains("mostRequests"), many.getMessage());
        assertEquals(Optional.empty(), many.retryAfter());
        assertThrows(IllegalArgumentException.class, () -> tenant.reserve(101));
        first.end(10);
        first.end(10);
        second.end(70);
        assertEquals(new TenantStatistics(2, 3, 80, 0, 0, 0), tenant.statistics());
        tenant.reserve(100).end(0);
    }

    @Test
    void whoHasUsedUpItsEnergyIsRefusedUntilItIsThereAgain() {
        Tenant tenant = tenant(TenantLimits.NONE.joules(2, 10));
        Share share = tenant.reserve(5);
        share.spend(9);
        assertTrue(!share.isOverdrawn());
        share.spend(5);
        assertTrue(share.isOverdrawn());
        TenantLimitException refused = assertThrows(TenantLimitException.class, () -> tenant.reserve(1));
        assertEquals(2.0, refused.retryAfter().orElseThrow().toNanos() * 1e-9, 1e-6);
        share.end(5);
        now += 2 * SECOND + 1000;
        tenant.reserve(1).end(1);
        assertEquals(14, tenant.statistics().joules());
    }

    @Test
    void refusesLimitsThatAreNone() {
        assertThrows(IllegalArgumentException.class, () -> TenantLimits.NONE.tokens(0, 1));
        assertThrows(IllegalArgumentException.class, () -> TenantLimits.NONE.joules(1, Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> TenantLimits.NONE.positions(0));
    }
}
