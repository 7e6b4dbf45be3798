package dev.lathe.lab.judge;

import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.MethodTypeEntry;
import java.lang.classfile.constantpool.NameAndTypeEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Reads class files and says what in them is not allowed. All that code can reach stands in the pool of constants:
 * classes, members and the types of their descriptors. Not thread-safe.
 */
final class ClassScreen {
    private static final Pattern TYPE = Pattern.compile("L([^;]+);");

    private final AllowedApi api = new AllowedApi();
    private final Set<String> systemPackages = ModuleLayer.boot().modules().stream()
            .flatMap(module -> module.getPackages().stream())
            .collect(Collectors.toSet());

    /** The first thing that classes may not use, if there is one; nor may they pose as classes of the system. */
    Optional<String> findRefused(Map<String, byte[]> classes) {
        for (String name : classes.keySet()) {
            if (systemPackages.contains(name.substring(0, Math.max(0, name.lastIndexOf('.'))))) {
                return Optional.of(name);
            }
        }
        for (byte[] bytes : classes.values()) {
            for (PoolEntry entry : ClassFile.of().parse(bytes).constantPool()) {
                Optional<String> refused = findRefused(entry, classes);
                if (refused.isPresent()) {
                    return refused;
                }
            }
        }
        return Optional.empty();
    }

    private Optional<String> findRefused(PoolEntry entry, Map<String, byte[]> own) {
        return switch (entry) {
            case ClassEntry type -> refusedName(type.asInternalName(), own);
            case NameAndTypeEntry type -> refusedIn(type.type().stringValue(), own);
            case MethodTypeEntry type -> refusedIn(type.descriptor().stringValue(), own);
            case MemberRefEntry member -> {
                String owner = member.owner().asInternalName();
                String name = member.name().stringValue();
                boolean fine = owner.startsWith("[")
                        || own.containsKey(owner.replace('/', '.'))
                        || api.allowsMember(owner, name, member.type().stringValue());
                yield fine ? Optional.empty() : Optional.of(owner.replace('/', '.') + "." + name);
            }
            default -> Optional.empty();
        };
    }

    private Optional<String> refusedName(String name, Map<String, byte[]> own) {
        if (name.startsWith("[")) {
            return refusedIn(name, own);
        }
        boolean fine = own.containsKey(name.replace('/', '.')) || api.allowsType(name);
        return fine ? Optional.empty() : Optional.of(name.replace('/', '.'));
    }

    private Optional<String> refusedIn(String descriptor, Map<String, byte[]> own) {
        Matcher types = TYPE.matcher(descriptor);
        while (types.find()) {
            Optional<String> refused = refusedName(types.group(1), own);
            if (refused.isPresent()) {
                return refused;
            }
        }
        return Optional.empty();
    }
}
