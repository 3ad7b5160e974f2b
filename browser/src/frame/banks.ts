/** Banks that a buyer chooses from, by their names in the API. */

import type { Choices } from "./fields";

const BANKS: Record<string, string> = {
  eps: "arzte_und_apotheker_bank austrian_anadi_bank_ag bank_austria bankhaus_carl_spangler bankhaus_schelhammer_und_schattera_ag bawag_psk_ag bks_bank_ag brull_kallmus_bank_ag btv_vier_lander_bank capital_bank_grawe_gruppe_ag deutsche_bank_ag dolomitenbank easybank_ag erste_bank_und_sparkassen hypo_alpeadriabank_international_ag hypo_bank_burgenland_aktiengesellschaft hypo_noe_lb_fur_niederosterreich_u_wien hypo_oberosterreich_salzburg_steiermark hypo_tirol_bank_ag hypo_vorarlberg_bank_ag marchfelder_bank oberbank_ag raiffeisen_bankengruppe_osterreich schoellerbank_ag sparda_bank_wien volksbank_gruppe volkskreditbank_ag vr_bank_braunau",
  fpx: "affin_bank agrobank alliance_bank ambank bank_islam bank_muamalat bank_of_china bank_rakyat bsn cimb deutsche_bank hong_leong_bank hsbc kfh maybank2e maybank2u ocbc pb_enterprise public_bank rhb standard_chartered uob",
  ideal: "abn_amro asn_bank bunq ing knab n26 nn rabobank regiobank revolut sns_bank triodos_bank van_lanschot yoursafe",
  p24: "alior_bank bank_millennium bank_nowy_bfg_sa bank_pekao_sa banki_spbdzielcze blik bnp_paribas boz citi_handlowy credit_agricole envelobank etransfer_pocztowy24 getin_bank ideabank ing inteligo mbank_mtransfer nest_przelew noble_pay pbac_z_ipko plus_bank santander_przelew24 tmobile_usbugi_bankowe toyota_bank volkswagen_bank",
};
const UPPER = "abn ag asn bfg bks bnp bsn btv cimb hsbc ing kfh lb nn ocbc psk rhb sa sns uob vr".split(" ");
const SPELT: Record<string, string> = {
  ambank: "AmBank", banki_spbdzielcze: "Banki Spółdzielcze", bawag_psk_ag: "BAWAG P.S.K. AG", blik: "BLIK", boz: "BOŚ", bunq: "bunq",
  arzte_und_apotheker_bank: "Ärzte- und Apothekerbank", brull_kallmus_bank_ag: "Brüll Kallmus Bank AG", btv_vier_lander_bank: "BTV Vier Länder Bank",
  bankhaus_carl_spangler: "Bankhaus Carl Spängler", envelobank: "EnveloBank", etransfer_pocztowy24: "Pocztowy24", ideabank: "Idea Bank",
  maybank2e: "Maybank2E", maybank2u: "Maybank2U", mbank_mtransfer: "mBank (mTransfer)", pbac_z_ipko: "Płacę z iPKO",
  santander_przelew24: "Santander", tmobile_usbugi_bankowe: "T-Mobile Usługi Bankowe", pb_enterprise: "PB Enterprise",
};

const named = (id: string): string => SPELT[id] ?? id.split("_")
  .map((word) => (UPPER.includes(word) ? word.toUpperCase() : ["und", "fur", "u", "of"].includes(word) ? word : word.charAt(0).toUpperCase() + word.slice(1))).join(" ");

/** Those of a type of payment method. */
export const banks = (type: string): Choices => (BANKS[type] ?? "").split(" ").map((id) => [id, named(id)]);
