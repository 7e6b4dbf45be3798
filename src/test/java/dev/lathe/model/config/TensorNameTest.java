package dev.lathe.model.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TensorNameTest {
    @Test
    void everyRoleIsFoundByTheNamesItGives() {
        Set<String> names = new HashSet<>();
        for (TensorRole role : TensorRole.values()) {
            if (role != TensorRole.OTHER) {
                assertEquals(new TensorName(-1, role, role.weight()), TensorName.of(role.weight()));
                assertEquals(new TensorName(17, role, role.bias(17)), TensorName.of(role.bias(17)));
                assertTrue(names.add(role.weight()), role.weight());
            }
        }
    }

    @Test
    void whatStandsInAMatrixsPlaceHasItsRole() {
        assertEquals(TensorRole.UP, TensorRole.of(LatheFormat.inFactor("blk.3.ffn_up.weight")));
        assertEquals(TensorRole.UP, TensorRole.of(LatheFormat.outFactor("blk.3.ffn_up.weight")));
        assertEquals(TensorRole.HEAD, TensorRole.of(LatheFormat.inFactor("output.weight")));
    }

    @Test
    void namesThatNoDecoderKnowsAreOther() {
        for (String name : new String[] {
            "",
            ".",
            "blk.",
            "blk..ffn_up.weight",
            "blk.x.ffn_up.weight",
            "blk.-1.ffn_up.weight",
            "blk.3",
            "blk.3.",
            "blk.1234567.ffn_up.weight",
            "ffn_upper.weight",
            "v.blk.0.ffn_up.weight"
        }) {
            assertEquals(TensorRole.OTHER, TensorRole.of(name), name);
        }
    }

    @Test
    void aNameMovesToAnotherLayer() {
        TensorName name = TensorName.of("blk.12.attn_q.bias");
        assertEquals("blk.3.attn_q.bias", name.inLayer(3));
        assertEquals("attn_q.bias", name.inLayer());
        assertEquals("blk.*.attn_q.bias", name.pattern());
        assertEquals("output.bias", TensorName.of("output.bias").pattern());
        assertTrue(name.isBias());
        assertEquals("blk.3.ffn_up.bias", TensorName.biasOf("blk.3.ffn_up.weight"));
    }
}
