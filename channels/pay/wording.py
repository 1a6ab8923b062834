"""The words of the pay page, in each language it speaks."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Said:
    """A heading and what follows from it; `{number}` is the invoice's."""

    heading: str
    text: str


@dataclass(frozen=True)
class Words:
    """One language's words. `{amount}`, `{number}` and `{card}` are filled in by the page."""

    locale: str
    title: str
    invoice: str
    part: str
    card: str
    sandbox: str
    test_cards: str
    pays: str
    declines: str
    asks: str
    settles_late: str
    pay: str
    again: str
    bank: Said
    approve: str
    refuse: str
    paid: Said
    processing: Said
    nothing_due: Said
    expired: Said
    replaced: Said
    unknown: Said
    declined: str
    refused: str
    stale: str
    changed: str
    not_a_test_card: str


ENGLISH = Words(
    locale="en_US",
    title="Payment",
    invoice="Invoice {number}",
    part="Part of the invoice. The rest stays due.",
    card="Test card number",
    sandbox="This is a sandbox: no money moves. Try {card}.",
    test_cards="All test cards",
    pays="pays at once",
    declines="is declined",
    asks="asks your bank first",
    settles_late="pays a few seconds later",
    pay="Pay {amount}",
    again="Check again",
    bank=Said("Your bank asks: is this you?", "The payment goes through once you approve it."),
    approve="Approve",
    refuse="Refuse",
    paid=Said("Paid, thank you.", "The receipt is in your chat. You can close this page."),
    processing=Said(
        "Your payment is on its way.",
        "We write in your chat as soon as it has arrived. You can close this page.",
    ),
    nothing_due=Said("Nothing is due any more.", "There is nothing left to pay on {number}."),
    expired=Said("This link has expired.", "Links work for seven days. Ask in your chat for a new one."),
    replaced=Said("There is a newer link.", "Please use the newest one in your chat."),
    unknown=Said(
        "We can't find this link.",
        "Please check that the whole address was copied, or ask in your chat for a new link.",
    ),
    declined="The card was declined, and nothing was taken. You can try again or use another card.",
    refused="You refused the payment, and nothing was taken. You can try again.",
    stale="This page was open for a while. Please check the amount and press Pay again.",
    changed="The amount has changed since you opened this page. Please check it and press Pay again.",
    not_a_test_card="This is a sandbox: use a test card. Nothing was taken, and the number was not kept.",
)

SPANISH = Words(
    locale="es_ES",
    title="Pago",
    invoice="Factura {number}",
    part="Es una parte de la factura. El resto queda pendiente.",
    card="Número de tarjeta de prueba",
    sandbox="Es un entorno de pruebas: no se mueve dinero. Pruebe con {card}.",
    test_cards="Todas las tarjetas de prueba",
    pays="paga al momento",
    declines="es rechazada",
    asks="pregunta antes a su banco",
    settles_late="paga unos segundos después",
    pay="Pagar {amount}",
    again="Comprobar de nuevo",
    bank=Said("Su banco pregunta: ¿es usted?", "El pago se hará cuando usted lo apruebe."),
    approve="Aprobar",
    refuse="Rechazar",
    paid=Said("Pagado, gracias.", "El recibo está en su chat. Puede cerrar esta página."),
    processing=Said(
        "Su pago está en camino.",
        "Le escribiremos en el chat en cuanto llegue. Puede cerrar esta página.",
    ),
    nothing_due=Said("Ya no hay nada pendiente.", "No queda nada por pagar de {number}."),
    expired=Said("Este enlace ha caducado.", "Los enlaces valen siete días. Pida uno nuevo en su chat."),
    replaced=Said("Hay un enlace más reciente.", "Use, por favor, el último de su chat."),
    unknown=Said(
        "No encontramos este enlace.",
        "Compruebe que copió la dirección completa o pida un enlace nuevo en su chat.",
    ),
    declined="La tarjeta fue rechazada y no se cobró nada. Puede intentarlo de nuevo o usar otra tarjeta.",
    refused="Usted rechazó el pago y no se cobró nada. Puede intentarlo de nuevo.",
    stale="La página llevaba un rato abierta. Compruebe el importe y pulse Pagar otra vez.",
    changed="El importe ha cambiado desde que abrió la página. Compruébelo y pulse Pagar otra vez.",
    not_a_test_card=("Es un entorno de pruebas: use una tarjeta de prueba. No se cobró nada ni se guardó el número."),
)

FRENCH = Words(
    locale="fr_FR",
    title="Paiement",
    invoice="Facture {number}",
    part="C’est une partie de la facture. Le reste demeure dû.",
    card="Numéro de carte de test",
    sandbox="Ceci est un bac à sable : aucun argent ne circule. Essayez {card}.",
    test_cards="Toutes les cartes de test",
    pays="paie aussitôt",
    declines="est refusée",
    asks="interroge d’abord votre banque",
    settles_late="paie quelques secondes plus tard",
    pay="Payer {amount}",
    again="Vérifier à nouveau",
    bank=Said("Votre banque demande : est-ce bien vous ?", "Le paiement se fera dès que vous l’aurez approuvé."),
    approve="Approuver",
    refuse="Refuser",
    paid=Said("Payé, merci.", "Le reçu est dans votre conversation. Vous pouvez fermer cette page."),
    processing=Said(
        "Votre paiement est en route.",
        "Nous vous écrirons dans la conversation dès son arrivée. Vous pouvez fermer cette page.",
    ),
    nothing_due=Said("Il n’y a plus rien à payer.", "Rien ne reste dû sur {number}."),
    expired=Said(
        "Ce lien a expiré.",
        "Un lien est valable sept jours. Demandez-en un nouveau dans la conversation.",
    ),
    replaced=Said("Il existe un lien plus récent.", "Utilisez le dernier lien reçu dans la conversation."),
    unknown=Said(
        "Nous ne trouvons pas ce lien.",
        "Vérifiez que l’adresse est complète, ou demandez un nouveau lien dans la conversation.",
    ),
    declined=("La carte a été refusée et rien n’a été débité. Vous pouvez réessayer ou utiliser une autre carte."),
    refused="Vous avez refusé le paiement et rien n’a été débité. Vous pouvez réessayer.",
    stale="Cette page était ouverte depuis un moment. Vérifiez le montant, puis payez de nouveau.",
    changed="Le montant a changé depuis l’ouverture de cette page. Vérifiez-le, puis payez de nouveau.",
    not_a_test_card=(
        "Ceci est un bac à sable : utilisez une carte de test. Rien n’a été débité, ni le numéro conservé."
    ),
)

GERMAN = Words(
    locale="de_DE",
    title="Zahlung",
    invoice="Rechnung {number}",
    part="Das ist ein Teil der Rechnung. Der Rest bleibt offen.",
    card="Nummer der Testkarte",
    sandbox="Das ist eine Testumgebung: Es fließt kein Geld. Zum Beispiel {card}.",
    test_cards="Alle Testkarten",
    pays="zahlt sofort",
    declines="wird abgelehnt",
    asks="fragt erst Ihre Bank",
    settles_late="zahlt einige Sekunden später",
    pay="{amount} zahlen",
    again="Noch einmal nachsehen",
    bank=Said("Ihre Bank fragt: Sind Sie das?", "Die Zahlung wird ausgeführt, sobald Sie zustimmen."),
    approve="Zustimmen",
    refuse="Ablehnen",
    paid=Said("Bezahlt, vielen Dank.", "Der Beleg ist in Ihrem Chat. Sie können diese Seite schließen."),
    processing=Said(
        "Ihre Zahlung ist unterwegs.",
        "Wir schreiben Ihnen im Chat, sobald sie da ist. Sie können diese Seite schließen.",
    ),
    nothing_due=Said("Es ist nichts mehr offen.", "Auf {number} ist nichts mehr zu zahlen."),
    expired=Said(
        "Dieser Link ist abgelaufen.",
        "Links gelten sieben Tage. Bitten Sie im Chat um einen neuen.",
    ),
    replaced=Said("Es gibt einen neueren Link.", "Bitte nehmen Sie den neuesten in Ihrem Chat."),
    unknown=Said(
        "Wir finden diesen Link nicht.",
        "Bitte prüfen Sie, ob die Adresse vollständig ist, oder bitten Sie im Chat um einen neuen Link.",
    ),
    declined="Die Karte wurde abgelehnt, nichts wurde abgebucht. Versuchen Sie es erneut oder mit einer anderen.",
    refused="Sie haben die Zahlung abgelehnt, nichts wurde abgebucht. Sie können es erneut versuchen.",
    stale="Diese Seite war länger offen. Bitte prüfen Sie den Betrag und zahlen Sie erneut.",
    changed="Der Betrag hat sich seit dem Öffnen der Seite geändert. Bitte prüfen Sie ihn und zahlen Sie erneut.",
    not_a_test_card=(
        "Das ist eine Testumgebung: Bitte nehmen Sie eine Testkarte. Nichts wurde abgebucht, "
        "die Nummer wurde nicht gespeichert."
    ),
)

PORTUGUESE = Words(
    locale="pt_BR",
    title="Pagamento",
    invoice="Fatura {number}",
    part="É uma parte da fatura. O restante continua em aberto.",
    card="Número do cartão de teste",
    sandbox="Este é um ambiente de testes: nenhum dinheiro é movimentado. Experimente {card}.",
    test_cards="Todos os cartões de teste",
    pays="paga na hora",
    declines="é recusado",
    asks="pergunta primeiro ao seu banco",
    settles_late="paga alguns segundos depois",
    pay="Pagar {amount}",
    again="Verificar de novo",
    bank=Said("O seu banco pergunta: é mesmo o titular?", "O pagamento é feito assim que houver a sua aprovação."),
    approve="Aprovar",
    refuse="Recusar",
    paid=Said("Pago, obrigado.", "O recibo está na sua conversa. Pode fechar esta página."),
    processing=Said(
        "O seu pagamento está a caminho.",
        "Avisamos na conversa assim que chegar. Pode fechar esta página.",
    ),
    nothing_due=Said("Já não há nada a pagar.", "Não resta nada a pagar de {number}."),
    expired=Said("Este link expirou.", "Os links valem sete dias. Peça um novo na conversa."),
    replaced=Said("Há um link mais recente.", "Use, por favor, o último da conversa."),
    unknown=Said(
        "Não encontramos este link.",
        "Verifique se o endereço está completo ou peça um novo link na conversa.",
    ),
    declined="O cartão foi recusado e nada foi cobrado. Pode tentar de novo ou usar outro cartão.",
    refused="A aprovação foi negada e nada foi cobrado. Pode tentar de novo.",
    stale="Esta página ficou aberta algum tempo. Verifique o valor e pague de novo.",
    changed="O valor mudou desde que a página foi aberta. Verifique e pague de novo.",
    not_a_test_card="Este é um ambiente de testes: use um cartão de teste. Nada foi cobrado nem o número foi guardado.",
)

ITALIAN = Words(
    locale="it_IT",
    title="Pagamento",
    invoice="Fattura {number}",
    part="È una parte della fattura. Il resto rimane da pagare.",
    card="Numero della carta di prova",
    sandbox="Questo è un ambiente di prova: non si muove denaro. Provi con {card}.",
    test_cards="Tutte le carte di prova",
    pays="paga subito",
    declines="viene rifiutata",
    asks="chiede prima alla sua banca",
    settles_late="paga qualche secondo dopo",
    pay="Paga {amount}",
    again="Controlla di nuovo",
    bank=Said("La sua banca chiede: è lei?", "Il pagamento parte appena lo approva."),
    approve="Approva",
    refuse="Rifiuta",
    paid=Said("Pagato, grazie.", "La ricevuta è nella sua chat. Può chiudere questa pagina."),
    processing=Said(
        "Il suo pagamento è in arrivo.",
        "Le scriviamo nella chat appena arriva. Può chiudere questa pagina.",
    ),
    nothing_due=Said("Non c’è più nulla da pagare.", "Su {number} non resta nulla da pagare."),
    expired=Said("Questo link è scaduto.", "I link valgono sette giorni. Ne chieda uno nuovo nella chat."),
    replaced=Said("C’è un link più recente.", "Usi l’ultimo che trova nella chat."),
    unknown=Said(
        "Non troviamo questo link.",
        "Controlli che l’indirizzo sia completo, o chieda un nuovo link nella chat.",
    ),
    declined="La carta è stata rifiutata e non è stato addebitato nulla. Può riprovare o usare un’altra carta.",
    refused="Ha rifiutato il pagamento e non è stato addebitato nulla. Può riprovare.",
    stale="Questa pagina è rimasta aperta a lungo. Controlli l’importo e paghi di nuovo.",
    changed="L’importo è cambiato da quando ha aperto la pagina. Lo controlli e paghi di nuovo.",
    not_a_test_card=(
        "Questo è un ambiente di prova: usi una carta di prova. Non è stato addebitato nulla, né conservato il numero."
    ),
)

LANGUAGES = {"en": ENGLISH, "es": SPANISH, "fr": FRENCH, "de": GERMAN, "pt": PORTUGUESE, "it": ITALIAN}


def choose_language(locales: list[str], accepted: str) -> str:
    """The first language we speak among `locales` (Babel form), else the best of an Accept-Language header."""
    for locale in [*locales, *_by_preference(accepted)]:
        language = locale.replace("-", "_").split("_")[0].lower()
        if language in LANGUAGES:
            return language
    return "en"


def _by_preference(accepted: str) -> list[str]:
    wanted = []
    for place, part in enumerate(accepted[:200].split(",")):
        name, _, weight = part.strip().partition(";q=")
        try:
            wanted.append((-float(weight or 1), place, name))
        except ValueError:
            continue
    return [name for _, _, name in sorted(wanted)]
