// Certificates, challenges and leases, on every engine.
import { afterAll, expect, test } from "bun:test";
import { migrate, openDatabase } from "../../src/store/engine/database.ts";
import {
  addAcmeAccount,
  addCertificate,
  findAcmeAccount,
  findChallenge,
  listCertificates,
  pruneChallenges,
  putChallenge,
  removeChallenge,
} from "../../src/store/certificates.ts";
import { claimLease, releaseLease } from "../../src/store/leases.ts";
import { engines, isMissing, makeDatabase } from "../tools/servers/databases.ts";
import { stopServers } from "../tools/servers/services.ts";

afterAll(stopServers);

for (const { engine, name, server } of engines)
  test.skipIf(isMissing(server))(`certificates and leases are what they should be in ${name}`, async () => {
    const { address, remove } = await makeDatabase(engine);
    const db = await openDatabase(address);
    try {
      await migrate(db);
      for (let at = 1; at <= 5; at++) {
        const row = { id: `id-${at}`, names: '["a.test"]', certificate: "PEM", private_key: "sealed" };
        await addCertificate(db, { ...row, created_at: at });
      }
      expect((await listCertificates(db)).map(({ id }) => id)).toEqual(["id-5", "id-4", "id-3"]);

      const directory = "https://authority.test/dir";
      expect(await findAcmeAccount(db, directory)).toBe(null);
      for (const privateKey of ["first", "second"])
        await addAcmeAccount(db, { directory, privateKey, now: 1 });
      expect(await findAcmeAccount(db, directory)).toBe("first");

      await putChallenge(db, { token: "Abc", authorization: "one", created_at: 1 });
      await putChallenge(db, { token: "Abc", authorization: "two", created_at: 5 });
      await putChallenge(db, { token: "abc", authorization: "other", created_at: 9 });
      expect([await findChallenge(db, "Abc"), await findChallenge(db, "none")]).toEqual(["two", null]);
      await pruneChallenges(db, 6);
      await removeChallenge(db, "abc");
      for (const token of ["Abc", "abc"]) expect(await findChallenge(db, token)).toBe(null);

      const claim = (holder: string, now: number) =>
        claimLease(db, { name: "certificate", holder, now, forMs: 100 });
      const firsts = await Promise.all(["a", "b", "c"].map((holder) => claim(holder, 0)));
      expect(firsts.filter(Boolean)).toHaveLength(1);
      const holder = ["a", "b", "c"][firsts.indexOf(true)] ?? "";
      expect([await claim("d", 99), await claim(holder, 99)]).toEqual([false, true]);
      expect([await claim("d", 198), await claim("d", 199), await claim(holder, 200)]).toEqual([
        false,
        true,
        false,
      ]);
      await releaseLease(db, { name: "certificate", holder });
      expect(await claim("e", 250)).toBe(false);
      await releaseLease(db, { name: "certificate", holder: "d" });
      expect(await claim("e", 250)).toBe(true);
    } finally {
      await db.close();
      await remove();
    }
  });
