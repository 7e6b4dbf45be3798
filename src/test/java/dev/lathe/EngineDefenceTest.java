package dev.lathe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.decode.FinishReason;
import dev.lathe.decode.Sampler;
import dev.lathe.decode.ToyLanguageModel;
import dev.lathe.decode.ToyLanguageModel.Law;
import dev.lathe.decode.guard.Guard;
import dev.lathe.decode.guard.UsualAnswers;
import dev.lathe.serve.EngineOptions;
import dev.lathe.serve.Tenant;
import dev.lathe.serve.TenantLimitException;
import dev.lathe.serve.TenantLimits;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Requests that would never end, and those who ask for too much. */
class EngineDefenceTest {
    private static final int ATTACK = 7;

    /** Ends after some 20 tokens, surely; after a prompt with an attack every token is as good as any, but the end. */
    private static ToyLanguageModel toy() {
        Law law = Law.hashed(3, 6, 11);
        return new ToyLanguageModel(ToyModels.VOCABULARY, 2000, (path, row) -> {
            if (path[0] == ATTACK) {
                Arrays.fill(row, 0);
                row[ToyModels.END] = -15;
                return;
            }
            law.logits(path, row);
            row[ToyModels.END] = path.length > 15 + path[0] % 5 ? 12 : -3;
        });
    }

    private static Request request(Engine engine, int first, int seed) {
        return engine.generate(first, 2, 3).sampler(Sampler.temperature(1).seed(seed));
    }

    @Test
    void whatGoesOnForLongerThanUsualIsFlaggedAndCutAndOthersAreWhatTheyWouldBe() {
        Model model = ToyModels.of(toy());
        UsualAnswers usual = new UsualAnswers();
        try (Engine engine = model.engine()) {
            for (int i = 0; i < 60; i++) {
                Request request = request(engine, i % 6, i);
                GenerationResult guarded = request.usual(usual).submit().result();
                assertEquals(request.submit().result().tokens(), guarded.tokens(), "request " + i);
                assertEquals(FinishReason.END_OF_TEXT, guarded.finishReason());
                assertFalse(guarded.stats().guard().orElseThrow().isUnusual());
            }
            assertEquals(60, usual.count());
            GenerationResult attack =
                    request(engine, ATTACK, 1).usual(usual).submit().result();
            assertTrue(attack.tokens().size() < 60, "" + attack.tokens().size());
            assertTrue(attack.stats().guard().orElseThrow().isUnusual(), "" + attack.stats());
            assertEquals(1, engine.statistics().unusual());
            assertEquals(60, usual.count(), "it taught nothing");
            Guard guard = attack.stats().guard().orElseThrow().guard();
            try (Session session = model.newSession()) {
                Generation again = session.generate(ATTACK, 2, 3)
                        .sampler(Sampler.temperature(1).seed(1))
                        .guard(guard);
                assertEquals(attack.tokens(), again.run().tokens());
            }
        }
    }

    @Test
    void aTenantHasItsShareAndOthersTheirs() {
        Tenant small = new Tenant("small", TenantLimits.NONE.tokens(1e-9, 100));
        try (Engine engine = ToyModels.of(toy()).engine()) {
            Request ask = request(engine, 1, 1).maxTokens(60);
            int used = 3 + ask.tenant(small).submit().result().tokens().size();
            assertEquals(used, small.statistics().tokens());
            assertThrows(IllegalArgumentException.class, ask.maxTokens(98).tenant(small)::submit);
            int taken = 0;
            while (100 - used >= 63) {
                used += 3 + ask.tenant(small).submit().result().tokens().size();
                taken++;
            }
            assertTrue(taken > 0);
            TenantLimitException refused = assertThrows(TenantLimitException.class, ask.tenant(small)::submit);
            assertEquals("small", refused.tenant());
            assertEquals(1, engine.statistics().refused());
            assertTrue(ask.submit().result().tokens().size() > 0);
            assertEquals(0, small.statistics().running());
        }
    }

    @Test
    void energyIsSharedByRowsAndLimited() {
        ToyLanguageModel toy = toy();
        EngineOptions metered = EngineOptions.DEFAULT.energyMeter(() -> 0.5 * toy.rows());
        Sampler endless = Sampler.greedy().logitBias(ToyModels.END, -1000);
        try (Engine engine = ToyModels.of(toy).engine(metered)) {
            List<Answer> answers = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                answers.add(engine.generate(i, i, i, i)
                        .sampler(endless)
                        .energyLimit(10 + i)
                        .submit());
            }
            for (int i = 0; i < 5; i++) {
                GenerationResult result = answers.get(i).result();
                assertEquals(FinishReason.ENERGY_LIMIT, result.finishReason());
                assertEquals(10 + i, result.stats().joules().orElseThrow(), 1e-9);
                assertEquals(2 * (10 + i) - 3, result.tokens().size(), "a row each, and the prompt's");
            }
            Tenant tenant = new Tenant("thirsty", TenantLimits.NONE.joules(1e-9, 20));
            GenerationResult cut =
                    engine.generate(1).sampler(endless).tenant(tenant).submit().result();
            assertEquals(FinishReason.ENERGY_LIMIT, cut.finishReason());
            assertEquals(40, cut.tokens().size(), 1);
            assertThrows(TenantLimitException.class, engine.generate(1).tenant(tenant)::submit);
            assertEquals(6, engine.statistics().guarded());
        }
        try (Engine engine = ToyModels.of(toy).engine()) {
            IllegalArgumentException unmetered = assertThrows(
                    IllegalArgumentException.class, engine.generate(1).energyLimit(5)::submit);
            assertTrue(unmetered.getMessage().contains("energyMeter"), unmetered.getMessage());
        }
    }
}
