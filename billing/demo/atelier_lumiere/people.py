"""Who works at Atelier Lumière, and who its clients are."""

from billing.demo.people import Colleague, Customer, Person
from billing.tables.people import ClientStatus, Role

STAFF = (
    Colleague(
        key="claire",
        name="Claire Fontaine",
        title="Directrice",
        role=Role.OWNER,
        phone="+33199001241",
        email="claire@atelier-lumiere.example",
        topics=("devis", "conception", "réclamations", "remboursements"),
        language="fr",
    ),
    Colleague(
        key="jonas",
        name="Jonas Weber",
        title="Chef de projet",
        role=Role.MANAGER,
        phone="+33199001242",
        email="jonas@atelier-lumiere.example",
        topics=("chantier", "calendrier", "livraisons", "installation", "modifications", "deutsch"),
        language="de",
    ),
    Colleague(
        key="amelie",
        name="Amélie Roux",
        title="Comptabilité",
        role=Role.MEMBER,
        phone="+33199001243",
        email="amelie@atelier-lumiere.example",
        topics=("factures", "paiements", "reçus", "échéanciers"),
        language="fr",
    ),
)

CLIENTS = (
    Customer(
        key="famille-dubois",
        name="Famille Dubois",
        since=-300,
        people=(Person("marc-dubois", "Marc Dubois", "fr", "+33639980101", "marc.dubois@courrier.example"),),
        postal="7, rue des Tournelles, 75004 Paris",
        manager="jonas",
    ),
    Customer(
        key="sci-les-tilleuls",
        name="SCI Les Tilleuls",
        since=-260,
        people=(
            Person(
                "marc-dubois", "Marc Dubois", "fr", "+33639980101", "marc.dubois@courrier.example", "Gérant"
            ),
        ),
        postal="22, avenue des Tilleuls, 92200 Neuilly-sur-Seine",
        manager="jonas",
        company=True,
    ),
    Customer(
        key="hotel-belleville",
        name="Hôtel Belleville",
        since=-340,
        people=(
            Person(
                "camille-moreau", "Camille Moreau", "fr", "+33639980102", "direction@hotel-belleville.example",
                "Directrice",
            ),
        ),
        postal="41, rue de Belleville, 75019 Paris",
        manager="jonas",
        company=True,
    ),
    Customer(
        key="keller-architekten",
        name="Keller Architekten GmbH",
        since=-210,
        people=(
            Person(
                "anna-keller", "Anna Keller", "de", "+491713920011", "anna@keller-architekten.example",
                "Geschäftsführerin",
            ),
        ),
        postal="Lindenstraße 14, 10969 Berlin",
        manager="jonas",
        company=True,
    ),
    Customer(
        key="cafe-des-arts",
        name="Café des Arts",
        since=-180,
        people=(
            Person("luc-petit", "Luc Petit", "fr", "+33639980103", "luc@cafe-des-arts.example", "Gérant"),
        ),
        postal="3, place Sainte-Marthe, 75010 Paris",
        manager="claire",
        company=True,
    ),
    Customer(
        key="lea-bernard",
        name="Léa Bernard",
        since=-90,
        people=(Person("lea-bernard", "Léa Bernard", "fr", "+33639980104", "lea.bernard@courrier.example"),),
        postal="58, rue de la Roquette, 75011 Paris",
        manager="claire",
    ),
    Customer(
        key="familie-schneider",
        name="Familie Schneider",
        since=-170,
        people=(
            Person("tobias-schneider", "Tobias Schneider", "de", "+491713920012", "schneider@post.example"),
        ),
        postal="Am Römerturm 8, 50667 Köln",
        manager="jonas",
    ),
    Customer(
        key="galerie-nord",
        name="Galerie Nord",
        since=-280,
        people=(
            Person("ines-lambert", "Inès Lambert", "fr", "+33639980105", "ines@galerie-nord.example",
                   "Directrice"),
        ),
        postal="16, rue du Perche, 75003 Paris",
        manager="claire",
        company=True,
    ),
    Customer(
        key="julien-garnier",
        name="Julien Garnier",
        since=-60,
        people=(
            Person("julien-garnier", "Julien Garnier", "fr", "+33639980106", "julien.garnier@courrier.example"),
        ),
        postal="9, quai de Jemmapes, 75010 Paris",
        manager="claire",
        status=ClientStatus.LEAD,
    ),
    Customer(
        key="petra-vogel",
        name="Petra Vogel",
        since=-200,
        people=(Person("petra-vogel", "Petra Vogel", "de", "+491713920013", "petra.vogel@post.example"),),
        postal="Herzogstraße 31, 80803 München",
        manager="jonas",
        status=ClientStatus.PAST,
    ),
)  # fmt: skip
